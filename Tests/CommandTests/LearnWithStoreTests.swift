import Credence
import ExemplarStore
import Foundation
import TestSupport
import Testing

@testable import CredenceCommand

/// `learn --exemplars`: model and store change together.
@Suite struct LearnWithStoreTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func learn(_ model: String, _ options: [String], killAfter: Double? = nil) throws -> CommandLineTool.Result {
        try CommandLineTool.run(
            ["learn", "--model", folder.path(model).path, "--data", CommandLineTool.data] + options,
            signal: killAfter.map { (SIGKILL, $0) })
    }

    private func store(_ name: String) -> [String] {
        ["--exemplars", folder.path(name).path, "--budget", "60", "--selector", "herding"]
    }

    private func predictions(_ model: String) throws -> String {
        let result = try CommandLineTool.run([
            "classify", "--model", folder.path(model).path, "--features", CommandLineTool.data + "/test.safetensors",
        ])
        #expect(result.status == 0, "\(result.errors)")
        return result.output
    }

    private func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.path(name)) }

    /// The rows are the same wherever they are kept, so the model is the same.
    @Test(arguments: ["linear", "clap"])
    func aStoreKeepsWhatTheModelWouldKeep(_ method: String) throws {
        for classes in ["dress,coat", "sandal,sneaker", "handbag"] {
            let options = ["--method", method, "--classes", classes]
            let first = options.dropFirst(classes == "dress,coat" ? 0 : 2)
            let inside = try learn("inside", first + ["--budget", "60", "--selector", "herding"])
            #expect(inside.status == 0, "\(inside.errors)")
            let outside = try learn("outside", first + store("e.sqlite"))
            #expect(outside.status == 0, "\(outside.errors)")
        }
        #expect(try predictions("inside") == predictions("outside"))
        let rows = try ExemplarStore(contentsOf: folder.path("e.sqlite")).read { try $0.load() }
        #expect(rows.count == 60)
        let model = try ModelFile.load(folder.path("inside"))
        #expect(rows.features == model.exemplars.exemplars.features && rows.labels == model.exemplars.exemplars.labels)
        #expect(!folder.names.contains { $0.hasSuffix(".pending") })
        let inspected = try CommandLineTool.run("inspect", folder.path("outside").path)
        #expect(inspected.output.contains("e.sqlite"))
    }

    @Test func aKillLeavesBothAsTheyWereOrBothNew() throws {
        for name in ["whole", "killed"] {
            #expect(
                try learn("\(name).m", ["--method", "linear", "--classes", "dress,coat"] + store("\(name).sqlite")).status == 0)
        }
        let next = ["--classes", "sandal,sneaker,handbag"]
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try learn("whole.m", next + store("whole.sqlite")).status == 0)
        let seconds = (clock.now - start).seconds

        var stream = SplitMix64(state: 7)
        var ended = false
        for _ in 0..<40 where !ended {
            let after = seconds * 1.1 * Double(stream.next() >> 11) * 0x1p-53
            let result = try learn("killed.m", next + store("killed.sqlite"), killAfter: after)
            // A run that finds the classes learnt says so.
            ended = result.status == 0 || result.status == 65
            let known = try ModelFile.load(folder.path("killed.m")).head.classNames.count
            let held = try ExemplarStore(contentsOf: folder.path("killed.sqlite")).read { try $0.classes().count }
            let settled = known == held || folder.names.contains { $0.hasSuffix(".pending") }
            #expect((known == 2 || known == 5) && (held == 2 || held == 5) && settled)
        }
        if !ended { #expect([0, 65].contains(try learn("killed.m", next + store("killed.sqlite")).status)) }
        #expect(try predictions("killed.m") == predictions("whole.m"))
        let rows = try ["killed", "whole"].map { name in
            try ExemplarStore(contentsOf: folder.path("\(name).sqlite")).read { try $0.load() }
        }
        #expect(rows[0].features == rows[1].features && rows[0].labels == rows[1].labels)
    }

    /// The store has committed, the new model has not got its name yet.
    @Test func theNextRunFinishesWhatAKillLeft() throws {
        #expect(try learn("m", ["--method", "linear", "--classes", "dress,coat"] + store("e.sqlite")).status == 0)
        let old = try bytes("m")
        #expect(try learn("m", ["--classes", "sandal"] + store("e.sqlite")).status == 0)
        let new = try bytes("m")
        let selections = try ExemplarStore(contentsOf: folder.path("e.sqlite")).read { try $0.selections() }
        let token = try #require(selections.last?.settings["model_commit"])
        try old.write(to: folder.path("m"))
        try new.write(to: folder.path(".m.\(token).pending"))
        try Data("half".utf8).write(to: folder.path(".m.\(UUID().uuidString).pending"))

        let again = try learn("m", ["--classes", "sandal"] + store("e.sqlite"))
        #expect(again.status == 65)
        #expect(again.errors.contains("already knows class 'sandal'"))
        #expect(try bytes("m") == new)
        #expect(!folder.names.contains { $0.hasSuffix(".pending") })
    }

    @Test func mistakesAreNamed() throws {
        #expect(try learn("inside", ["--method", "linear", "--classes", "dress"]).status == 0)
        let added = try learn("inside", ["--classes", "coat"] + store("e.sqlite"))
        #expect(added.status == 64)
        #expect(added.errors.contains("keeps its exemplars itself"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("e.sqlite").path))

        #expect(try learn("outside", ["--method", "linear", "--classes", "dress"] + store("e.sqlite")).status == 0)
        let forgotten = try learn("outside", ["--classes", "coat"])
        #expect(forgotten.status == 64)
        #expect(forgotten.errors.contains("--exemplars"))
        let other = try learn("outside", ["--classes", "coat"] + store("other.sqlite"))
        #expect(other.status == 65)
        #expect(other.errors.contains("holds no rows of the 1 classes"))
        let none = try learn("none", ["--recipe", "no-memory", "--classes", "coat", "--exemplars", folder.path("n.sqlite").path])
        #expect(none.status == 64)
        #expect(none.errors.contains("keeps no rows"))
        try Data("no database".utf8).write(to: folder.path("bad.sqlite"))
        #expect(try learn("x", ["--method", "linear"] + store("bad.sqlite")).status == 65)
    }
}
