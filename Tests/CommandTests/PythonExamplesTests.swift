import Credence
import Foundation
import TestSupport
import Testing

/// `Examples/embed` with tiny random models on drawn pictures, no download: what it writes validates and is learnt from.
@Suite struct EmbedExampleTests {
    private let folder: TemporaryFolder
    private static let examples = Golden.packageRoot.appending(path: "Examples/embed").path
    private static let offline = ["HF_HUB_OFFLINE": "1"]

    init() throws { folder = try TemporaryFolder() }

    private func python(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
        try Python.run(["\(Self.examples)/\(script)"] + arguments, environment: Self.offline)
    }

    /// A folder a class by open_clip, or by transformers.
    @Test(
        .enabled(if: Python.has("open_clip", "PIL"), "python3 has no open_clip"),
        arguments: [["--test-share", "0.25"]])
    func openCLIP(_ options: [String]) throws {
        try embeds("open_clip", "open_clip:local-dir:", options)
    }

    @Test(
        .enabled(if: Python.has("transformers", "torch", "PIL"), "python3 has no transformers with PyTorch"),
        arguments: [["--test-share", "0.25"]])
    func transformers(_ options: [String]) throws {
        try embeds("transformers", "transformers:", options)
    }

    private func embeds(_ library: String, _ scheme: String, _ options: [String]) throws {
        let made = try python("try_out.py", [folder.url.path, library])
        try #require(made.status == 0, "\(made.errors)")
        let model = scheme + folder.path(library).path
        let out = folder.path("out")
        let result = try python(
            "embed.py", [folder.path("images").path, "--model", model, "--batch-size", "7", "--output", out.path] + options)
        try #require(result.status == 0, "\(result.errors)")
        let dataset = try Dataset.open(out)
        #expect(dataset.classNames == ["blue stripes", "green square", "red disc"])
        #expect(try dataset.counts(.train) == [6, 6, 6] && dataset.counts(.test) == [2, 2, 2])
        #expect(dataset.prompts.features.allSatisfy { $0.rows == 8 } && dataset.prompts.templates.count == 8)
        #expect(abs(dataset.prompts.logitScale - 14.2857) < 0.01)
        #expect(!folder.names.contains { $0.hasSuffix(".partial") })

        let validated = try CommandLineTool.run("data", "validate", out.path)
        #expect(validated.status == 0 && validated.output.contains("0 errors") || validated.output.contains("no problem found"))
        let learnt = try CommandLineTool.run(
            "learn", "--quiet", "--model", folder.path("m").path, "--data", out.path, "--method", "linear")
        #expect(learnt.status == 0, "\(learnt.errors)")

        // The same pictures as a WebDataset, another batch size: the same rows, but for rounding to F16.
        let tar = folder.path("tar")
        let web = try python(
            "embed.py",
            [
                folder.path("shard.tar").path, "--label-field", "species", "--model", model, "--batch-size", "24", "--output",
                tar.path,
            ])
        try #require(web.status == 0, "\(web.errors)")
        let (all, some) = (try Dataset.open(tar).load(.train), try dataset.load(.test))
        #expect(all.count == 24)
        for row in 0..<some.count {
            let own = some.features.row(row)
            let best = (0..<all.count).map { other in zip(own, all.features.row(other)).reduce(Float(0)) { $0 + $1.0 * $1.1 } }
            #expect((best.max() ?? 0) > 0.9999)
        }

        // Without classes: a file of rows.
        let flat = folder.path("images/red_disc").path
        let rows = folder.path("rows.safetensors")
        #expect(try python("embed.py", [flat, "--model", model, "--output", folder.path("none").path]).errors.contains("class folders"))
        #expect(try python("embed.py", [flat, "--model", model, "--output", rows.path]).status == 0)
        #expect(try FeatureRows(files: [rows]).count == 8)
    }

    /// Mistakes are told before PyTorch is looked for.
    @Test(.enabled(if: Python.hasNumPy, "python3 has no NumPy"))
    func mistakesAreNamed() throws {
        func errors(_ arguments: [String]) throws -> String {
            let result = try python("embed.py", arguments + ["--model", "open_clip:x/y", "--output", folder.path("o").path])
            #expect(result.status != 0)
            return result.errors
        }
        let nothing = folder.path("nothing").path
        #expect(try errors([nothing]).contains("no such file"))
        #expect(try errors([folder.url.path]).contains("there are no images"))
        #expect(try errors([nothing, "--test-share", "2"]).contains("--test-share"))
        #expect(try errors([nothing, "--test-share", "0.5", "--test", "x"]).contains("exclude each other"))
        let templates = try folder.file("templates.txt", Array("a photo".utf8))
        #expect(try errors([nothing, "--templates", templates.path]).contains("{}"))
        #expect(folder.names == ["templates.txt"])
    }

    /// What a killed run left half written is taken back, and other settings are refused.
    @Test(.enabled(if: Python.hasNumPy, "python3 has no NumPy"))
    func interruptedRunsGoOn() throws {
        let result = try Python.run(["-c", Self.journal, Self.examples, folder.path("journal").path])
        #expect(result.status == 0, "\(result.errors)")
    }

    private static let journal = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import numpy as np
        from journal import Journal
        place = sys.argv[2]
        journal = Journal(place, {"model": 1})
        journal.append([("x", "c", True), ("y", "c", False)], np.ones((1, 3)))
        journal.close()
        open(place + "/samples.jsonl", "a").write('{"name": "z"')
        open(place + "/rows.f16", "ab").write(b"123")
        journal = Journal(place, {"model": 1})
        assert len(journal.entries) == 2 and journal.row_count == 1
        journal.append([("z", "d", True)], 2 * np.ones((1, 3)))
        rows, kept = journal.rows()
        assert rows.tolist() == [[1, 1, 1], [2, 2, 2]]
        assert [entry["label"] for entry in kept] == ["c", "d"]
        try:
            Journal(place, {"model": 2})
        except ValueError:
            sys.exit()
        sys.exit("other settings were accepted")
        """
}

/// `Examples/python/parquet_to_features.py` on tables made here.
@Suite(.enabled(if: Python.has("pyarrow", "numpy"), "python3 has no pyarrow"))
struct ParquetExampleTests {
    private let folder: TemporaryFolder
    private static let script = Golden.packageRoot.appending(path: "Examples/python/parquet_to_features.py").path

    init() throws {
        folder = try TemporaryFolder()
        let made = try Python.run(["-c", Self.tables, folder.url.path])
        try #require(made.status == 0, "\(made.errors)")
    }

    /// The same rows and labels, whatever the files are.
    @Test(arguments: [
        ["train.parquet", "--test", "test.parquet", "--embedding", "emb", "--label", "label"],
        ["t*n.parquet", "--test", "te*.parquet", "--embedding", "emb", "--label", "name"],
        ["stream", "--embedding", "emb", "--label", "label", "--split", "split"],
        ["file.arrow", "--embedding", "emb", "--label", "name", "--split", "split"],
        ["fixed.parquet", "--embedding", "emb", "--label", "name", "--split", "split"],
        ["retrieval", "--label", "name", "--split", "split"],
    ])
    func tablesBecomeADataFolder(_ arguments: [String]) throws {
        let inputs = arguments.map { $0.contains(".") || ["stream", "retrieval"].contains($0) ? folder.path($0).path : $0 }
        let out = folder.path("out")
        let result = try Python.run(
            [Self.script] + inputs
                + ["--text", folder.path("text.npy").path, "--logit-scale", "30", "--type", "f32", "--output", out.path])
        try #require(result.status == 0, "\(result.errors)")
        let dataset = try Dataset.open(out, normalizing: false)
        #expect(dataset.classNames == ["cat", "dog", "owl"] && dataset.prompts.logitScale == 30)
        let expected = try NumPyFile(contentsOf: folder.path("x.npy")).array.matrix(of: Float.self)
        let labels = try NumPyFile(contentsOf: folder.path("y.npy")).array.integers()
        let (train, test) = (try dataset.load(.train), try dataset.load(.test))
        #expect(train.features.elements == expected.rows(0..<700).elements && train.labels == Array(labels[..<700]))
        #expect(test.features.elements == expected.rows(700..<1000).elements && test.labels == Array(labels[700...]))
        #expect(try CommandLineTool.run("data", "validate", out.path).status == 0)
    }

    @Test func sharesAndWhatIsWrong() throws {
        func run(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
            try Python.run([Self.script] + arguments + ["--output", folder.path("out").path])
        }
        let file = folder.path("fixed.parquet").path
        let before = folder.names
        #expect(try run([file, "--embedding", "nose", "--label", "name"]).errors.contains("no column 'nose', only emb, name, split"))
        #expect(try run([file, "--embedding", "name", "--label", "name"]).errors.contains("expected lists of numbers"))
        #expect(try run([file, "--embedding", "emb", "--label", "emb"]).errors.contains("expected integers or texts"))
        #expect(try run([folder.path("none.parquet").path, "--embedding", "e", "--label", "l"]).errors.contains("no Parquet"))
        #expect(try run([folder.path("nan.parquet").path, "--embedding", "emb", "--label", "name"]).errors.contains("row 1 is NaN"))
        #expect(try run([folder.path("ragged.parquet").path, "--embedding", "emb", "--label", "name"]).errors.contains("lengths"))
        #expect(folder.names == before)
        let shared = try run([file, "--embedding", "emb", "--label", "name", "--test-share", "0.1"])
        #expect(shared.status == 0 && shared.output.contains("--class-means-as-text"), "\(shared.errors)")
        let completed = try CommandLineTool.run(
            "data", "convert", folder.path("out").path, "--class-means-as-text", "--output", folder.path("whole").path)
        #expect(completed.status == 0, "\(completed.errors)")
        #expect(try Dataset.open(folder.path("whole")).classNames == ["cat", "dog", "owl"])
    }

    /// 1000 rows of length 6 in three classes, 700 of them for training, in every form there is.
    private static let tables = """
        import json, os, sys
        os.chdir(sys.argv[1])
        import numpy as np, pyarrow as pa, pyarrow.parquet as pq
        generator = np.random.default_rng(1)
        names = ["cat", "dog", "owl"]
        x = generator.normal(size=(1000, 6)).astype(np.float16).astype(np.float32)
        y = generator.integers(0, 3, 1000)
        np.save("x.npy", x)
        np.save("y.npy", y)
        np.save("text.npy", generator.normal(size=(3, 2, 6)).astype(np.float32))
        features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
        table = pa.table({
            "emb": pa.array(list(x)), "label": pa.array(y), "name": [names[k] for k in y],
            "split": ["train" if row < 700 else "test" for row in range(1000)],
        }).replace_schema_metadata({b"huggingface": json.dumps(features).encode()})
        pq.write_table(table.slice(0, 700), "train.parquet", row_group_size=100)
        pq.write_table(table.slice(700), "test.parquet", row_group_size=64)
        os.makedirs("stream")
        with pa.OSFile("stream/data-00000-of-00001.arrow", "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            for batch in table.to_batches(max_chunksize=123):
                writer.write_batch(batch)
        with pa.OSFile("file.arrow", "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=200)
        fixed = pa.FixedSizeListArray.from_arrays(pa.array(x.astype(np.float64).reshape(-1)), 6)
        pq.write_table(pa.table({"emb": fixed, "name": table["name"], "split": table["split"]}), "fixed.parquet")
        os.makedirs("retrieval/img_emb")
        os.makedirs("retrieval/metadata")
        for part in range(12):
            rows = slice(part * 84, part * 84 + 84)
            np.save(f"retrieval/img_emb/img_emb_{part}.npy", x[rows].astype(np.float16))
            pq.write_table(table.select(["name", "split"]).slice(part * 84, 84), f"retrieval/metadata/metadata_{part:02}.parquet")
        bad = x[:3].tolist()
        bad[1][2] = float("nan")
        pq.write_table(pa.table({"emb": bad, "name": names}), "nan.parquet")
        pq.write_table(pa.table({"emb": [[1.0, 2.0], [1.0], [1.0, 2.0]], "name": names}), "ragged.parquet")
        """
}
