#!/usr/bin/env python3
"""Makes a language model whose answers are known in closed form, as a GGUF file: tiny_model.py FILE

It takes a second and no training. Its vocabulary is the 256 bytes, 58 pairs of them and six marks. For each token the
hidden state is [which token it is, GAMMA × how often each token came so far ÷ how many came]: attention without
queries and keys is uniform, so that its one head's worth of values is the mean. From that follow

    logits = s × (B[token] + GAMMA × BETA × frequencies)

with B the logarithm of a fixed random table, and s what the norm makes of the state's length. So a text is more
probable where its tokens came before. log_probabilities() says by how much."""
import sys

import numpy as np

GAMMA, BETA, EPSILON, HEAD = 0.02, 300.0, 1e-5, 64
MARKS = ["<|bos|>", "<|eos|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
TEMPLATE = (
    "{{ '<|bos|>' }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}")


def letters_of_bytes():
    """GPT-2's printable letter for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in plain}
    for number, byte in enumerate(b for b in range(256) if b not in letters):
        letters[byte] = chr(256 + number)
    return letters


def vocabulary():
    letters = letters_of_bytes()
    tokens = [letters[byte] for byte in range(256)]
    pairs = []
    for first in "etaoinshrdlu ":
        for second in "etaoinshrdlu":
            if len(pairs) < 58 and (first + second).encode():
                pairs.append((letters[ord(first)], letters[ord(second)]))
    return tokens + [a + b for a, b in pairs] + MARKS, pairs


def table(size):
    numbers = np.random.default_rng(7).normal(0, 1.5, (size, size))
    return numbers - np.log(np.exp(numbers).sum(1, keepdims=True))


def log_probabilities(ids, of_last):
    """The natural logarithms of the last tokens, each after all that stand before it."""
    size = len(vocabulary()[0])
    b, width = table(size).astype(np.float32).astype(np.float64), 2 * size
    counts, found = np.zeros(size), []
    for place, token in enumerate(ids[:-1]):
        counts[token] += 1
        mean = GAMMA * counts / (place + 1)
        norm = np.sqrt((1 + mean @ mean) / width + EPSILON)
        logits = (b[token] + BETA * mean) / norm / np.sqrt(1 / (1 / width + EPSILON))
        top = logits.max()
        found.append(logits[ids[place + 1]] - top - np.log(np.exp(logits - top).sum()))
    return found[-of_last:]


def write(path):
    import gguf
    tokens, pairs = vocabulary()
    size = len(tokens)
    assert size % HEAD == 0, size
    width, heads, groups, inner = 2 * size, 2 * size // HEAD, size // HEAD, 32
    unit = np.sqrt(1 / (1 / width + EPSILON))  # what the norm makes of a state of length one
    zeros = lambda *shape: np.zeros(shape, np.float32)
    embedding, values, mixed, out = zeros(size, width), zeros(size, width), zeros(width, width), zeros(size, width)
    embedding[:, :size] = values[:, :size] = np.eye(size)
    values /= unit
    for group in range(groups):  # two heads read each group; the first of them is used
        for place in range(HEAD):
            mixed[size + group * HEAD + place, 2 * group * HEAD + place] = GAMMA
    out[:, :size], out[:, size:] = table(size).T / unit, np.eye(size) * BETA / unit
    file = gguf.GGUFWriter(path, "llama")
    file.add_name("linnet-tiny")
    file.add_context_length(4096)
    file.add_embedding_length(width)
    file.add_block_count(1)
    file.add_feed_forward_length(inner)
    file.add_head_count(heads)
    file.add_head_count_kv(groups)
    file.add_layer_norm_rms_eps(EPSILON)
    file.add_rope_dimension_count(HEAD)
    file.add_vocab_size(size)
    file.add_file_type(gguf.LlamaFileType.ALL_F32)
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("gpt-2")
    file.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    file.add_token_types([control if token in MARKS else normal for token in tokens])
    file.add_token_merges([f"{a} {b}" for a, b in pairs])
    mark = tokens.index
    file.add_bos_token_id(mark("<|bos|>"))
    file.add_eos_token_id(mark("<|eos|>"))
    file.add_eot_token_id(mark("<|end|>"))
    file.add_add_bos_token(True)
    file.add_chat_template(TEMPLATE)
    one = np.ones(width, np.float32)
    for name, numbers in {
            "token_embd": embedding, "output_norm": one, "output": out, "blk.0.attn_norm": one, "blk.0.ffn_norm": one,
            "blk.0.attn_q": zeros(width, width), "blk.0.attn_k": zeros(size, width), "blk.0.attn_v": values,
            "blk.0.attn_output": mixed, "blk.0.ffn_gate": zeros(inner, width), "blk.0.ffn_up": zeros(inner, width),
            "blk.0.ffn_down": zeros(width, inner)}.items():
        file.add_tensor(name + ".weight", numbers)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


if __name__ == "__main__":
    write(sys.argv[1])
