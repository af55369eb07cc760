# libsampan: every room but cli. sampan: cli on top of it.

set(rooms base text http store net server client talk lab ui)
list(TRANSFORM rooms PREPEND ${PROJECT_SOURCE_DIR}/src/ OUTPUT_VARIABLE room_globs)
list(TRANSFORM room_globs APPEND /*.cc)
file(GLOB library_sources CONFIGURE_DEPENDS ${room_globs})
list(FILTER library_sources EXCLUDE REGEX "_test\\.cc$|/test_[^/]*$")

add_library(libsampan STATIC ${library_sources})
set_target_properties(libsampan PROPERTIES OUTPUT_NAME sampan)
target_link_libraries(libsampan PRIVATE sampan_flags OpenSSL::SSL EXPAT::EXPAT
                      PUBLIC Boost::headers fmt::fmt OpenSSL::Crypto Threads::Threads ${SAMPAN_RE2})

# Objects of their own, so that the unit tests can link all of cli but main().
file(GLOB cli_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/*.cc)
list(FILTER cli_sources EXCLUDE REGEX "(_test|/main)\\.cc$|/test_[^/]*$")
add_library(sampan_cli OBJECT ${cli_sources})
target_link_libraries(sampan_cli PRIVATE sampan_flags PUBLIC libsampan)

add_executable(sampan src/cli/main.cc)
target_link_libraries(sampan PRIVATE sampan_flags sampan_cli libsampan)
set_target_properties(sampan PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})

install(TARGETS sampan RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB guides CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/*.md ${PROJECT_SOURCE_DIR}/docs/*.md)
install(FILES ${guides} DESTINATION ${CMAKE_INSTALL_DOCDIR})
