# po/LANG.po → locale/LANG/LC_MESSAGES/sampan.mo beside the binary: the program finds its catalogues in the build folder
# as it does once installed.

find_program(SAMPAN_MSGFMT msgfmt REQUIRED)
file(GLOB catalogues CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/po/*.po)
set(compiled_catalogues)
foreach(catalogue IN LISTS catalogues)
  get_filename_component(language ${catalogue} NAME_WE)
  set(folder ${PROJECT_BINARY_DIR}/locale/${language}/LC_MESSAGES)
  add_custom_command(
    OUTPUT ${folder}/sampan.mo
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND ${SAMPAN_MSGFMT} --check -o ${folder}/sampan.mo ${catalogue}
    DEPENDS ${catalogue}
    VERBATIM)
  list(APPEND compiled_catalogues ${folder}/sampan.mo)
  install(FILES ${folder}/sampan.mo DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/${language}/LC_MESSAGES)
endforeach()
add_custom_target(translations ALL DEPENDS ${compiled_catalogues})
# The program without its catalogues speaks English only: whoever builds the one wants the others.
add_dependencies(sampan translations)
