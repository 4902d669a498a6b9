import Credence
import Foundation
import TestSupport
import Testing

@Suite struct InspectTests {
    private let folder: TemporaryFolder
    private var model: String { folder.path("m.safetensors").path }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func learn(_ options: String...) throws {
        let result = try CommandLineTool.run(
            ["learn", "--quiet", "--model", model, "--data", CommandLineTool.data] + options)
        try #require(result.status == 0, "\(result.errors)")
    }

    @Test func tellsWhatALinearModelIs() throws {
        try learn("--method", "linear", "--classes", "dress,coat", "--budget", "10", "--epochs", "3")
        try learn("--update", "--classes", "coat")
        try learn("--classes", "sandal")
        let text = try CommandLineTool.run("inspect", model).output
        #expect(
            text == """
                method            linear
                feature dimension 512
                classes           3
                exemplars         10 of 10
                remembered        10 rows, 21 KiB
                stored numbers    1536
                task 1: dress, coat
                task 2: no new class, known classes updated
                task 3: sandal
                settings
                  epochs          3
                  batch size      256
                  learning rate   0.003
                  prior strength  0.05
                tensors
                  exemplars.budget [1]
                  exemplars.features [10, 512]
                  exemplars.labels [10]
                  weights [3, 512]

                """)
        let result = try CommandLineTool.run("inspect", model, "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect((json["settings"] as? [String: String])?["learning rate"] == "0.003")
        #expect(json["exemplar_bytes"] as? Int == 10 * (512 * 4 + 8))
        #expect(json["classes_per_task"] as? [Int] == [2, 0, 1])
    }

    @Test(arguments: CLAPRecipe.names)
    func tellsCLAPsRecipe(_ recipe: String) throws {
        try learn("--recipe", recipe, "--classes", "dress,coat", "--epochs", "1")
        let text = try CommandLineTool.run("inspect", model).output
        #expect(text.contains("\nrecipe            \(recipe)\n"))
        for line in ["  epochs ", "  optimizer ", "  learning rate ", "\nlogit deviation "] {
            #expect(text.contains(line), "\(line)")
        }
        let result = try CommandLineTool.run("inspect", model, "--json")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(json["recipe"] as? String == recipe)
        #expect((json["settings"] as? [String: String])?["epochs"] == "1")
        #expect(json["logit_standard_deviation"] is Double)
    }

    @Test func withoutRowsNothingIsRemembered() throws {
        try learn("--method", "zero-shot", "--budget", "0")
        #expect(try CommandLineTool.run("inspect", model).output.contains("\nremembered        no rows\n"))
    }
}
