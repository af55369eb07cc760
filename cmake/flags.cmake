# How our own code is compiled. Everything hangs on one interface target, so that no flag leaks into other people's code
# and none is missing from a part of ours.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)  # clang-tidy and editors read it

# ccache does not cache what uses a precompiled header unless it is told that time stamps in one do not matter.
find_program(SAMPAN_CCACHE ccache)
if(SAMPAN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${SAMPAN_CCACHE})
endif()

add_library(sampan_flags INTERFACE)
target_include_directories(sampan_flags INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(sampan_flags INTERFACE SAMPAN_VERSION="${PROJECT_VERSION}")
# -fPIE, where CMake's own property would give the library the slower -fPIC.
target_compile_options(sampan_flags INTERFACE -fPIE)
target_link_options(sampan_flags INTERFACE -pie)

target_compile_options(sampan_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(SAMPAN_WERROR)
  target_compile_options(sampan_flags INTERFACE -Werror)
endif()

# Bounds checks of operator[], front() and the like stay in every build: a server that stops is better than one that
# reads past a buffer.
target_compile_definitions(sampan_flags INTERFACE _GLIBCXX_ASSERTIONS)

if(SAMPAN_SANITIZE)
  target_compile_options(sampan_flags INTERFACE
    # Not vptr: it tells readable memory by opening a pipe, and calls a good object bad where the descriptors have run out.
    -fsanitize=${SAMPAN_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sampan_flags INTERFACE -fsanitize=${SAMPAN_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL Clang AND SAMPAN_SANITIZE MATCHES undefined)
    # clang 14 puts its function signatures in front of coroutines, where they overwrite code.
    target_compile_options(sampan_flags INTERFACE -fno-sanitize=function)
  endif()
elseif(SAMPAN_HARDENING)
  target_compile_options(sampan_flags INTERFACE
    -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|amd64|i.86")
    target_compile_options(sampan_flags INTERFACE -fcf-protection)
  endif()
  target_link_options(sampan_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
  # Needs an optimising build; level 3 also guards buffers whose size is known only at run time, and Debian 12 has both
  # halves it needs (GCC 12, glibc 2.36).
  target_compile_options(sampan_flags INTERFACE
    $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
endif()
