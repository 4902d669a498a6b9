import Credence
import Foundation
import TestSupport
import Testing

@Suite struct LearnTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func learn(_ model: String, _ options: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["learn", "--model", folder.path(model).path, "--data", CommandLineTool.data] + options)
    }

    private func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.path(name)) }

    @Test(arguments: ["clap", "linear", "zero-shot"])
    func learnsTaskByTask(_ method: String) throws {
        let first = try learn("m", "--method", method, "--classes", "dress,coat,sandal", "--json")
        #expect(first.status == 0, "\(first.errors)")
        let summary = try #require(
            try JSONSerialization.jsonObject(with: Data(first.output.utf8)) as? [String: Any])
        #expect(summary["method"] as? String == method)
        #expect(summary["learnt"] as? [String] == ["dress", "coat", "sandal"])
        #expect(summary["rows"] as? Int == 180)
        #expect(summary["exemplars"] as? Int == 180)
        let second = try learn("m")
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.output == "")
        #expect(second.errors.contains("learnt 7 classes"))

        let inspected = try CommandLineTool.run("inspect", folder.path("m").path, "--json")
        let model = try #require(
            try JSONSerialization.jsonObject(with: Data(inspected.output.utf8)) as? [String: Any])
        #expect(model["classes_per_task"] as? [Int] == [3, 7])
        #expect((model["classes"] as? [String])?.count == 10)
        #expect(model["exemplars"] as? Int == 600)
        #expect(folder.names == ["m"])
    }

    @Test(arguments: ["clap", "linear"])
    func theSameSeedGivesTheSameBytesWhateverTheThreads(_ method: String) throws {
        for (model, threads) in [("one", "1"), ("two", "2")] {
            for classes in ["dress,coat", "sandal,sneaker"] {
                let result = try learn(
                    model, "--quiet", "--threads", threads, "--seed", "5", "--classes", classes,
                    "--budget", "30", "--method", method)
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.errors == "")
            }
        }
        #expect(try bytes("one") == bytes("two"))
    }

    @Test func anotherSeedGivesAnotherModel() throws {
        for seed in ["1", "2"] {
            _ = try learn(seed, "--method", "linear", "--classes", "dress,coat", "--seed", seed)
        }
        #expect(try bytes("1") != bytes("2"))
    }

    @Test func classesMayComeFromAFile() throws {
        let lines = try folder.file("names.txt", Array("dress\n\n  coat \n".utf8))
        let list = try folder.file("names.json", Array("[\"dress\", \"coat\"]".utf8))
        #expect(try learn("a", "--method", "linear", "--classes-file", lines.path).status == 0)
        #expect(try learn("b", "--method", "linear", "--classes-file", list.path).status == 0)
        #expect(try bytes("a") == bytes("b"))
    }

    /// A folder with the classes of the example in another order, its test rows to learn from, and no test file.
    private func makeOtherDomain(_ name: String, order: [Int]) throws -> String {
        let place = folder.path(name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let source = try Dataset.open(URL(filePath: CommandLineTool.data))
        let prompts = source.prompts.selecting(order)
        let names = try JSONEncoder().encode(prompts.classNames)
        let text = try SafetensorsWriter(
            to: place.appending(path: "text.safetensors"),
            tensors: [TensorDeclaration("text_features", .float32, [order.count, prompts.features[0].rows, 512])],
            metadata: ["class_names": String(decoding: names, as: UTF8.self), "logit_scale": "\(prompts.logitScale)"])
        for features in prompts.features { try text.append(features, to: "text_features") }
        try text.finish()
        let rows = try source.load(.test)
        let labels = rows.labels.map { order.firstIndex(of: $0) }
        let kept = labels.indices.filter { labels[$0] != nil }
        let train = try SafetensorsWriter(
            to: place.appending(path: "train.safetensors"),
            tensors: [
                TensorDeclaration("image_features", .float32, [kept.count, 512]),
                TensorDeclaration("labels", .int32, [kept.count]),
            ])
        try train.append(rows.features.selectingRows(kept), to: "image_features")
        try train.append(kept.compactMap { labels[$0] }, to: "labels")
        try train.finish()
        return place.path
    }

    private func summary(_ result: CommandLineTool.Result) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    }

    /// Known classes are found by their names, wherever the other folder lists them.
    @Test func updatingMatchesClassesByName() throws {
        #expect(try learn("m", "--method", "linear", "--classes", "dress,coat,sandal", "--budget", "60").status == 0)
        let names = try Dataset.open(URL(filePath: CommandLineTool.data), splits: [.train]).classNames
        let chosen = try ["sandal", "coat", "sneaker", "dress"].map { try #require(names.firstIndex(of: $0)) }
        let other = try makeOtherDomain("other", order: chosen)
        let mirrored = try makeOtherDomain("mirrored", order: chosen.reversed())
        for name in ["a", "b"] { try FileManager.default.copyItem(at: folder.path("m"), to: folder.path(name)) }

        let refused = try CommandLineTool.run(
            "learn", "--model", folder.path("a").path, "--data", other, "--classes", "coat")
        #expect(refused.status == 65 && refused.errors.contains("--update"))
        #expect(try bytes("a") == bytes("m"))

        for (model, data) in [("a", other), ("b", mirrored)] {
            let result = try CommandLineTool.run(
                "learn", "--model", folder.path(model).path, "--data", data, "--update", "--json")
            #expect(result.status == 0, "\(result.errors)")
            let told = try summary(result)
            #expect(told["learnt"] as? [String] == ["sneaker"])
            #expect(Set(try #require(told["updated"] as? [String])) == ["dress", "coat", "sandal"])
            #expect(told["rows"] as? Int == 160)
            #expect(told["exemplars"] as? Int == 60)
            #expect(result.errors.contains("learnt 1 class and updated 3"))
        }
        #expect(try bytes("a") == bytes("b"))
        #expect(try bytes("a") != bytes("m"))
        let inspected = try summary(CommandLineTool.run("inspect", folder.path("a").path, "--json"))
        #expect(inspected["classes"] as? [String] == ["dress", "coat", "sandal", "sneaker"])
    }

    /// A task that only updates stands in the history without classes.
    @Test(arguments: ["linear", "zero-shot"])
    func updatingWithoutNewClasses(_ method: String) throws {
        #expect(try learn("m", "--method", method, "--classes", "dress,coat").status == 0)
        let result = try learn("m", "--update", "--classes", "coat", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(try summary(result)["learnt"] as? [String] == [])
        #expect(try summary(result)["updated"] as? [String] == ["coat"])
        #expect(try learn("m", "--classes", "sandal").status == 0)
        let inspected = try CommandLineTool.run("inspect", folder.path("m").path)
        #expect(inspected.status == 0)
        let json = try summary(CommandLineTool.run("inspect", folder.path("m").path, "--json"))
        #expect(json["classes_per_task"] as? [Int] == [2, 0, 1])
        #expect(try learn("m", "--update").errors.contains("learnt 7 classes and updated 3"))
    }

    /// Whenever the process is killed, the old model is still there, and running again gives what an undisturbed run
    /// gives.
    @Test func killedRunsLeaveTheOldModel() throws {
        #expect(try learn("m", "--method", "linear", "--classes", "dress,coat").status == 0)
        let old = try bytes("m")
        try FileManager.default.copyItem(at: folder.path("m"), to: folder.path("undisturbed"))
        #expect(try learn("undisturbed").status == 0)
        let new = try bytes("undisturbed")
        for milliseconds in [0, 2, 5, 10, 20, 40, 80] {
            try old.write(to: folder.path("m"))
            _ = try CommandLineTool.run(
                ["learn", "--model", folder.path("m").path, "--data", CommandLineTool.data],
                signal: (SIGKILL, Double(milliseconds) / 1000))
            let left = try bytes("m")
            #expect(left == old || left == new)
            if left == old { #expect(try learn("m").status == 0) }
            #expect(try bytes("m") == new)
        }
    }

    /// A limit on the size of files stands for a disk that fills up while the model is being saved.
    @Test func aFullDiskLeavesTheOldModel() throws {
        #expect(try learn("m", "--method", "linear", "--classes", "dress,coat").status == 0)
        let old = try bytes("m")
        let result = try CommandLineTool.run(
            ["learn", "--quiet", "--model", folder.path("m").path, "--data", CommandLineTool.data],
            fileSizeLimit: 8192)
        #expect(result.status == 74)
        #expect(result.errors.contains(folder.path("m").path))
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(try bytes("m") == old)
        #expect(folder.names == ["m"])
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func interruptedRunsExitWith130(_ signal: Int32) throws {
        // A second is enough for the signal handlers to be in place; the training itself would take hours.
        let result = try CommandLineTool.run(
            [
                "learn", "--model", folder.path("m").path, "--data", CommandLineTool.data, "--method", "linear",
                "--epochs", "1000000",
            ], signal: (signal, 1))
        #expect(result.status == 130)
        #expect(result.errors == "credence: interrupted; nothing was written\n")
        #expect(folder.names == [])
    }
}
