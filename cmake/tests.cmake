# One binary of all src/*/x_test.cc and what they share, src/*/test_x.cc. Built only when asked for: running sampan
# must not need GoogleTest.

find_package(GTest REQUIRED)
enable_testing()

file(GLOB test_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*/*_test.cc
     ${PROJECT_SOURCE_DIR}/src/*/test_*.cc)
add_executable(sampan_tests EXCLUDE_FROM_ALL ${test_sources})
target_link_libraries(sampan_tests PRIVATE sampan_flags sampan_cli libsampan GTest::gtest_main)
set_target_properties(sampan_tests PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
# GCC 12 takes std::string(n, c) + "literal", which tests are full of, for a copy out of bounds (GCC bug 105651).
target_compile_options(sampan_tests PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow>)
# GoogleTest's header is most of what a test file costs to compile.
target_precompile_headers(sampan_tests PRIVATE <gtest/gtest.h>)
add_test(NAME sampan_tests COMMAND sampan_tests)
