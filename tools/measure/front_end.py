#!/usr/bin/env python3
"""Times what stands between a client and an LLM engine: HTTP, JSON, tokeniser, process boundary, detokeniser, stream.

A stand-in for the API server of an LLM engine, built from the same libraries as those (FastAPI on uvicorn, msgpack between
the processes, SentencePiece), with an engine behind it that answers at once: what a client then waits for its first
token is the front end's time alone. Nothing of a real engine's code is in it.

  front_end.py [--requests N] [--prompt-tokens N] [--output-tokens N] [--text FILE...]

Prints, one `name,value` a line: the mean and median time to the first token of requests sent one at a time, without
and with the tokeniser's share, and the mean time that each further token takes the server's process, in microseconds.
Needs python3-fastapi, uvicorn, python3-aiohttp, python3-msgpack, python3-sentencepiece.
"""
import argparse
import asyncio
import glob
import json
import multiprocessing
import os
import statistics
import tempfile
import time

PORT = 18765
VOCABULARY = 8000


def pack(message):
    import msgpack

    body = msgpack.packb(message)
    return len(body).to_bytes(4, "little") + body


async def unpack(reader):
    import msgpack

    return msgpack.unpackb(await reader.readexactly(int.from_bytes(await reader.readexactly(4), "little")))


def engine(path):
    """Answers each request with its tokens, one message a token, as fast as they are taken."""

    async def serve(reader, writer):
        while True:
            request = await unpack(reader)
            for i in range(request["max_tokens"]):
                last = i + 1 == request["max_tokens"]
                writer.write(pack({"id": request["id"], "tokens": [17 + i % 1000], "finished": last}))
                await writer.drain()

    async def run():
        await (await asyncio.start_unix_server(serve, path)).serve_forever()

    asyncio.run(run())


def server(path, model):
    """The API process: one route, which tokenises, asks the engine, and streams what comes back."""
    import sentencepiece
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import StreamingResponse
    from pydantic import BaseModel

    class Completion(BaseModel):
        model: str
        prompt: str
        max_tokens: int = 16
        temperature: float = 1.0
        top_p: float = 1.0
        n: int = 1
        stream: bool = False
        ignore_eos: bool = False

    tokeniser = sentencepiece.SentencePieceProcessor(model_file=model)
    queues, engines = {}, []
    app = FastAPI()

    async def listen(reader):
        while True:
            message = await unpack(reader)
            queues[message["id"]].put_nowait(message)

    @app.on_event("startup")
    async def start():
        while not os.path.exists(path):
            await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_unix_connection(path)
        engines.append((writer, asyncio.get_running_loop().create_task(listen(reader))))

    @app.post("/v1/completions")
    async def complete(body: Completion):
        begin = time.perf_counter()
        tokens = tokeniser.encode(body.prompt)
        tokenising = time.perf_counter() - begin
        name = f"cmpl-{len(queues)}"
        queues[name] = asyncio.Queue()
        engines[0][0].write(pack({"id": name, "tokens": tokens, "max_tokens": body.max_tokens}))

        async def stream():
            known = []
            while True:
                message = await queues[name].get()
                known += message["tokens"]
                text = tokeniser.decode(known[-6:])
                chunk = {"id": name, "object": "text_completion", "choices": [{"index": 0, "text": text}]}
                if len(known) == 1:
                    chunk["tokenising"] = tokenising
                    chunk["prompt_tokens"] = len(tokens)
                yield f"data: {json.dumps(chunk)}\n\n"
                if message["finished"]:
                    yield "data: [DONE]\n\n"
                    return

        return StreamingResponse(stream(), media_type="text/event-stream")

    @app.get("/cpu")
    async def cpu():
        return {"seconds": time.process_time()}

    uvicorn.run(app, port=PORT, log_level="error")


async def client(arguments, words):
    import aiohttp

    ttft, tokenising, lengths = [], [], []
    url = f"http://127.0.0.1:{PORT}"
    async with aiohttp.ClientSession() as session:
        for _ in range(100):
            try:
                async with session.get(url + "/cpu"):
                    break
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)

        async def ask(i, output_tokens):
            begin = i * 97 % (len(words) - 4 * arguments.prompt_tokens)
            prompt = " ".join(words[begin : begin + int(arguments.prompt_tokens * 0.62)])
            body = {"model": "m", "prompt": prompt, "max_tokens": output_tokens, "stream": True, "ignore_eos": True}
            start, first = time.perf_counter(), None
            async with session.post(url + "/v1/completions", json=body) as answer:
                async for line in answer.content:
                    if first is None and line.startswith(b"data: "):
                        first = json.loads(line[6:])
                        return_at = time.perf_counter() - start
            return return_at, first

        async def cpu():
            async with session.get(url + "/cpu") as answer:
                return (await answer.json())["seconds"]

        for i in range(arguments.requests):
            at, first = await ask(i, 2)
            if i >= arguments.requests // 5:  # warm
                ttft.append(at * 1e6)
                tokenising.append(first["tokenising"] * 1e6)
                lengths.append(first["prompt_tokens"])
        before = await cpu()
        for i in range(20):
            await ask(i, arguments.output_tokens)
        per_token = (await cpu() - before) / 20 / arguments.output_tokens * 1e6
    print(f"prompt_tokens,{statistics.mean(lengths):.0f}")
    print(f"first_token_us,{statistics.mean(ttft):.0f}")
    print(f"first_token_median_us,{statistics.median(ttft):.0f}")
    print(f"tokenising_median_us,{statistics.median(tokenising):.0f}")
    print(f"server_us_per_token,{per_token:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--prompt-tokens", type=int, default=590)
    parser.add_argument("--output-tokens", type=int, default=200)
    parser.add_argument("--text", nargs="*", default=glob.glob("docs/**/*.md", recursive=True))
    arguments = parser.parse_args()
    import sentencepiece

    text = "\n".join(open(name, encoding="utf-8").read() for name in arguments.text)
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/text", "w", encoding="utf-8") as out:
            out.write(text)
        sentencepiece.SentencePieceTrainer.train(
            input=f"{folder}/text", model_prefix=f"{folder}/model", vocab_size=VOCABULARY, model_type="bpe",
            minloglevel=2, hard_vocab_limit=False)
        path = f"{folder}/engine"
        processes = [
            multiprocessing.Process(target=engine, args=(path,), daemon=True),
            multiprocessing.Process(target=server, args=(path, f"{folder}/model.model"), daemon=True),
        ]
        for process in processes:
            process.start()
        try:
            asyncio.run(client(arguments, text.split()))
        finally:
            for process in processes:
                process.kill()


if __name__ == "__main__":
    main()
