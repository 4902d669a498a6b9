import FeatureData
import Foundation
import TestSupport
import Testing

/// Files written by the Python library safetensors.
@Suite struct GoldenFilesTests {
    @Test(arguments: ["clap", "metrics", "ood", "exemplars", "distributions"])
    func everyFileReads(group: String) throws {
        let names = Golden.cases(group)
        try #require(!names.isEmpty)
        for name in names {
            let golden = try Golden.load(group, name)
            #expect(!golden.names.isEmpty)
            #expect(!golden.settings.isEmpty, "\(name)")
            for tensor in golden.file.tensors {
                let matrix = try tensor.matrix(of: Double.self)
                #expect(matrix.count == tensor.count)
                if !tensor.elementType.isFloatingPoint {
                    #expect(try tensor.integers().map(Double.init) == matrix.elements)
                }
            }
        }
    }

    @Test func knownValues() throws {
        let golden = try Golden.load("clap", "m_no_vga_d16")
        #expect(try golden.shape("in.text_prompt_features").count == 3)
        #expect(golden.int("embed_dim") == 16)
        // Step 1 of the forward pass: unit length.
        let text = try golden.matrix("mid.text_features", of: Double.self)
        for row in 0..<text.rows {
            expectClose(text.row(row).reduce(0) { $0 + $1 * $1 }, 1.0, absolute: 1e-6)
        }
    }
}
