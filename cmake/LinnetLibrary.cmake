# The path of the checkout, for tests that read its files.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/include/source_dir/source_dir.hpp @ONLY CONTENT
     "#pragma once\n#define LINNET_SOURCE_DIR \"@CMAKE_SOURCE_DIR@\"\n")

# Compiles the files of a target several at a time, but for those that follow.
function(linnet_unity target)
  if(ARGN STREQUAL ALL)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${LINNET_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# linnet_library(NAME LINKS lib… [PCH header…] [TEST_LINKS lib…] [SEPARATE file…])
#
# One folder of src/ is one library. Its headers are included as "NAME/header.hpp", through a folder of its own
# holding one link, so that code which does not link a library cannot include it either: that is how the
# dependency rule of docs/contributing/architecture.md is kept. Files named *_test.cpp become the program NAME_test.
# With LINNET_UNITY files are compiled several at a time, but for those named as SEPARATE, or ALL: names in their unnamed
# namespaces are another file's as well.
function(linnet_library name)
  cmake_parse_arguments(ARG "" "" "LINKS;PCH;TEST_LINKS;SEPARATE" ${ARGN})
  set(include_root ${CMAKE_BINARY_DIR}/include/${name})
  file(MAKE_DIRECTORY ${include_root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${include_root}/${name} SYMBOLIC)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  if(NOT sources)
    # Headers alone.
    add_library(linnet_${name} INTERFACE)
    target_include_directories(linnet_${name} INTERFACE ${include_root})
    target_link_libraries(linnet_${name} INTERFACE ${ARG_LINKS})
    return()
  endif()
  add_library(linnet_${name} STATIC ${sources})
  set_target_properties(linnet_${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(linnet_${name} PUBLIC ${include_root})
  target_link_libraries(linnet_${name} PUBLIC ${ARG_LINKS} PRIVATE linnet_options)
  linnet_unity(linnet_${name} ${ARG_SEPARATE})
  if(ARG_PCH)
    target_precompile_headers(linnet_${name} PRIVATE ${ARG_PCH})
  endif()

  if(tests)
    add_executable(${name}_test ${tests})
    linnet_unity(${name}_test ${ARG_SEPARATE})
    target_link_libraries(${name}_test PRIVATE linnet_${name} ${ARG_TEST_LINKS} linnet_options
                          rapidcheck rapidcheck_gtest GTest::gmock GTest::gtest_main)
    # Designated initialisers leave out what a test does not care about; GCC 12 warns of that.
    target_compile_options(${name}_test PRIVATE -Wno-missing-field-initializers)
    if(LINNET_SANITIZE)
      target_compile_options(${name}_test PRIVATE -O0)  # a third less to compile, and what is tested is optimised
    endif()
    # The checkout's path stands in a header, not in every command line, so that checkouts share a compiler cache.
    target_include_directories(${name}_test PRIVATE ${CMAKE_BINARY_DIR}/include/source_dir)
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  endif()
endfunction()
