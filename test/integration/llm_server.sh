#!/usr/bin/env bash
# Linnet asks llama.cpp's own server: answers, streams, JSON by a schema, and log-probabilities that are compared with the
# closed form of a model that the test makes. LLAMA names a virtual environment with xllamacpp and gguf; else one is made
# in the build folder. Ends with «N passed, N failed».
set -u
cd "$(dirname "$0")/../.."
LINNET=$(realpath -m "${LINNET:-build/release/src/app/linnet}")
UNIT=$(realpath -m "${LLM_TEST:-build/asan/src/llm/llm_test}")
tools=${LLAMA:-$PWD/build/packages/llama}
if ! "$tools/bin/python" -c 'import xllamacpp, gguf' 2>/dev/null; then
  { python3 -m venv "$tools" && "$tools/bin/pip" install -q 'xllamacpp==2026.10.11549' 'gguf==0.19.0' 'numpy==2.4.6'; } ||
    { echo "skipped: llama.cpp's server cannot be installed here"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
fi
"$tools/bin/python" test/integration/llm_server.py "$LINNET" "$UNIT"
