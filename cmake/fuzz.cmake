# fuzz/NAME_fuzz.cc → fuzz_NAME, linked with libFuzzer (SAMPAN_FUZZ; the library is instrumented by SAMPAN_SANITIZE of the
# preset), and replay_NAME, which runs a corpus without it, whatever the compiler (SAMPAN_TESTS). The target `replays` is
# all of the latter. None is built unless asked for.

file(GLOB fuzz_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*_fuzz.cc)

# fuzz_programs(PREFIX): one PREFIX_NAME for each source; their names are left in `programs`.
macro(fuzz_programs prefix)
  set(programs)
  foreach(source IN LISTS fuzz_sources)
    get_filename_component(name ${source} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" name ${name})
    add_executable(${prefix}_${name} EXCLUDE_FROM_ALL ${source})
    target_link_libraries(${prefix}_${name} PRIVATE sampan_flags libsampan)
    set_target_properties(${prefix}_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    list(APPEND programs ${prefix}_${name})
  endforeach()
endmacro()

if(SAMPAN_FUZZ)
  fuzz_programs(fuzz)
  foreach(program IN LISTS programs)
    target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  endforeach()
endif()

if(SAMPAN_TESTS)
  add_library(replay_main OBJECT EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/fuzz/replay.cc)
  target_link_libraries(replay_main PRIVATE sampan_flags)
  fuzz_programs(replay)
  foreach(program IN LISTS programs)
    target_link_libraries(${program} PRIVATE replay_main)
  endforeach()
  add_custom_target(replays DEPENDS ${programs})
endif()
