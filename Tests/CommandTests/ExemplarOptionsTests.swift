import ArgumentParser
import Credence
import Testing

@testable import CredenceCommand

@Suite struct ExemplarOptionsTests {
    /// A head whose recipe keeps rows or does not.
    private struct Head: DescribedHead {
        var keepsRows: Bool
        var recipeName: String? { "no-memory" }
        let classNames: [String] = []
        let classesPerTask: [Int] = []
        let featureDimension = 2
        func posterior(for features: Matrix<Float>) throws -> LogitPosterior {
            LogitPosterior(mean: Matrix(rows: features.rows, columns: 0))
        }
        mutating func learn(_ task: LearningTask, seed: UInt64, progress: LearningObserver) throws {}
    }

    @Test func theRecipeDecidesWhetherRowsAreKept() throws {
        let (usual, none) = (Head(keepsRows: true), Head(keepsRows: false))
        func budget(_ arguments: String..., for head: Head) throws -> Int {
            try ExemplarOptions.parse(arguments).budget(for: head)
        }
        #expect(try budget(for: usual) == 2000)
        #expect(try budget("--budget", "7", for: usual) == 7)
        #expect(try budget(for: none) == 0)
        #expect(try budget("--budget", "0", for: none) == 0)
        let error = #expect(throws: ValidationError.self) { try budget("--budget", "7", for: none) }
        #expect(error?.message.contains("'no-memory' keeps no rows") == true)
    }
}
