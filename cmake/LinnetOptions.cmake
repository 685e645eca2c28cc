# Language level, warnings, sanitizers and the compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(LINNET_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
option(LINNET_UNITY "Compile the files of a room several at a time: quicker as a whole, slower after a change" OFF)
option(LINNET_FUZZ "Build the libFuzzer targets (clang only)" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Precompiled headers hit the cache only when time stamps inside them are ignored, and other checkouts' objects only
  # when paths are relative.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
endif()

# A dozen test programs of a sanitizer build take minutes to link otherwise.
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM AND NOT LINNET_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

add_library(linnet_options INTERFACE)
target_compile_options(linnet_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these falsely inside std::variant, std::optional and std::string under optimisation.
  target_compile_options(linnet_options INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-dangling-pointer)
endif()
if(LINNET_UNITY)
  # What one file keeps to itself looks like another file's here; builds without LINNET_UNITY look for both.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(linnet_options INTERFACE -Wno-subobject-linkage)
  endif()
  target_compile_options(linnet_options INTERFACE -Wno-shadow)
endif()
if(LINNET_SANITIZE)
  add_compile_options(-fsanitize=${LINNET_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LINNET_SANITIZE})
  if(LINNET_SANITIZE MATCHES undefined AND NOT LINNET_FUZZ)
    # A quarter of the compiler's work. Null pointers and sizes are the address sanitizer's as well, and the readers of
    # outside bytes are looked at for alignment by their fuzz targets.
    add_compile_options(-fno-sanitize=null,object-size,alignment)
  endif()
endif()
