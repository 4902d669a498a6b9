import Foundation
import Matrices
import Prediction
import Probability

/// Isolation forest: 2^(−h/c), h being the mean depth at which random cuts along single dimensions isolate a row and c that
/// of a search in a binary tree of as many rows (Liu, Ting and Zhou 2008, doi:10.1109/ICDM.2008.17, equations 1 and 2).
/// 0…1; a baseline that knows of no model and no class.
///
/// Each tree is grown on `sampleRows` known rows chosen at random. O(trees · log sampleRows) a row.
public struct IsolationForest: FittableNoveltyScore {
    public static let about = ScoreDescription(
        name: "isolation-forest", summary: "How soon random cuts isolate a row, a baseline without model and classes",
        source: "Liu, Ting and Zhou 2008, doi:10.1109/ICDM.2008.17", needs: [.features, .fitting])

    public var trees: Int
    /// Of each tree.
    public var sampleRows: Int

    public init(trees: Int = 100, sampleRows: Int = 256) {
        self.trees = trees
        self.sampleRows = sampleRows
    }

    public func checkSettings() throws(NoveltyError) {
        try require(trees >= 1 && trees <= 100_000, "trees", trees, "1 to 100000")
        try require(sampleRows >= 2 && sampleRows <= 1 << 20, "sampleRows", sampleRows, "2 to 1048576")
    }

    var poolSample: ShardedFit.Sample { ShardedFit.Sample(max(trees * sampleRows, 20_000), stream: 8) }

    public func fit(_ rows: KnownRows, notes: inout [String]) throws -> Model {
        // Trees draw from a pool: their samples are without replacement each, as in the paper.
        let pool = try rows.sample(poolSample.size, stream: poolSample.stream).features
        let size = min(sampleRows, pool.rows)
        let depthLimit = Int(log2(Double(max(size, 2))).rounded(.up))
        var nodes = Model.Nodes()
        var roots: [Int] = []
        for tree in 0..<trees {
            var random = RandomStream(seed: rows.seed).split(9).split(tree)
            let chosen = Array(random.permutation(pool.rows).prefix(size))
            roots.append(nodes.grow(pool, chosen, depth: 0, limit: depthLimit, &random))
        }
        return Model(nodes: nodes, roots: roots, normalizer: Self.meanDepth(size))
    }

    public func scores(for input: NoveltyInput, model: Model) throws -> [Float] {
        RowBlocks.scores(try input.features(for: self)) { block in
            (0..<block.rows).map { row in
                let x = UnsafeBufferPointer(start: block.pointer + row * block.columns, count: block.columns)
                var depth = 0.0
                for root in model.roots { depth += model.nodes.depth(of: x, from: root) }
                return Float(exp2(-depth / Double(model.roots.count) / model.normalizer))
            }
        }
    }

    /// The mean depth of an unsuccessful search in a binary tree of n rows, 2·H(n − 1) − 2(n − 1)/n.
    static func meanDepth(_ n: Int) -> Double {
        guard n > 1 else { return n == 1 ? 1 : 0 }
        let harmonic = (1..<n).reduce(0.0) { $0 + 1 / Double($1) }
        return 2 * harmonic - 2 * Double(n - 1) / Double(n)
    }

    public struct Model: NoveltyModel {
        let nodes: Nodes
        /// A node each tree.
        let roots: [Int]
        let normalizer: Double

        init(nodes: Nodes, roots: [Int], normalizer: Double) {
            self.nodes = nodes
            self.roots = roots
            self.normalizer = normalizer
        }

        public func write(to archive: inout ScoreArchive) throws {
            archive.set(nodes.dimensions, as: "dimensions")
            archive.set(nodes.values, as: "values")
            archive.set(nodes.lower, as: "lower")
            archive.set(nodes.upper, as: "upper")
            archive.set(roots, as: "roots")
            archive.set(Matrix<Double>([[normalizer]]), as: "normalizer")
        }

        public init(archive: ScoreArchive) throws {
            let dimensions = try archive.integers("dimensions")
            nodes = Nodes(
                dimensions: dimensions, values: try archive.vector("values", count: dimensions.count),
                lower: try archive.integers("lower", count: dimensions.count),
                upper: try archive.integers("upper", count: dimensions.count))
            roots = try archive.integers("roots")
            normalizer = try archive.doubleMatrix("normalizer", rows: 1, columns: 1)[0, 0]
            guard nodes.areTrees, !roots.isEmpty, roots.allSatisfy({ nodes.values.indices.contains($0) }),
                normalizer > 0
            else { throw archive.damaged("dimensions", "the nodes are no trees") }
        }
    }
}

extension IsolationForest.Model {
    /// The nodes of all trees, children before their parents.
    struct Nodes: Sendable {
        /// The dimension that is cut, or −1 of a leaf.
        var dimensions: [Int] = []
        /// Where it is cut; of a leaf the depth that its rows have on average.
        var values: [Float] = []
        /// The children: of rows below the cut, and of the others.
        var lower: [Int] = []
        var upper: [Int] = []

        /// Every child comes before its parent, so no walk goes round.
        var areTrees: Bool {
            dimensions.indices.allSatisfy { node in
                dimensions[node] == -1
                    || dimensions[node] >= 0 && (0..<node).contains(lower[node]) && (0..<node).contains(upper[node])
            }
        }

        func depth(of x: UnsafeBufferPointer<Float>, from root: Int) -> Double {
            var node = root
            // A file may name dimensions that the rows do not have; the node is then a leaf.
            while dimensions[node] >= 0, dimensions[node] < x.count {
                node = x[dimensions[node]] < values[node] ? lower[node] : upper[node]
            }
            return Double(values[node])
        }

        /// - Returns: the new tree's root.
        mutating func grow(
            _ rows: Matrix<Float>, _ members: [Int], depth: Int, limit: Int, _ random: inout RandomStream
        ) -> Int {
            guard depth < limit, members.count > 1, let cut = cut(rows, members, &random) else {
                let rest = members.count > 1 ? IsolationForest.meanDepth(members.count) : 0
                return add(-1, Float(Double(depth) + rest), -1, -1)
            }
            let below = members.filter { rows.pointer[$0 * rows.columns + cut.dimension] < cut.value }
            let others = members.filter { rows.pointer[$0 * rows.columns + cut.dimension] >= cut.value }
            let left = grow(rows, below, depth: depth + 1, limit: limit, &random)
            let right = grow(rows, others, depth: depth + 1, limit: limit, &random)
            return add(cut.dimension, cut.value, left, right)
        }

        /// A dimension in which the rows differ, and a place between them; `nil` where they are all the same.
        private func cut(
            _ rows: Matrix<Float>, _ members: [Int], _ random: inout RandomStream
        ) -> (dimension: Int, value: Float)? {
            let start = random.integer(below: rows.columns)
            for offset in 0..<rows.columns {
                let dimension = (start + offset) % rows.columns
                let values = members.map { rows.pointer[$0 * rows.columns + dimension] }
                guard let low = values.min(), let high = values.max(), low < high else { continue }
                let value = low + Float(random.openUniform()) * (high - low)
                // Rounding must not leave one side empty.
                return (dimension, value > low ? value : high)
            }
            return nil
        }

        private mutating func add(_ dimension: Int, _ value: Float, _ low: Int, _ high: Int) -> Int {
            dimensions.append(dimension)
            values.append(value)
            lower.append(low)
            upper.append(high)
            return values.count - 1
        }
    }
}
