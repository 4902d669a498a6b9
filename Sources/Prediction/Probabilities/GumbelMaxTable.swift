import CKernels
import Foundation
import Matrices

/// `GumbelMaxQuadrature` in single precision, from a table made once: total variation below 1e-5 and entropies within 1e-4
/// nats for standard deviations 0…6; rows beyond that go through the quadrature itself.
///
/// Some twenty times as fast, 2 to 3 µs a row of 100 classes on one thread; see `gumbel_table.c` for the method.
struct GumbelMaxTable: Sendable {
    static let shared = GumbelMaxTable()

    /// The distribution 1 − φ and its derivatives; laid out as `credence_gumbel_table_rows_f32` reads it.
    private let elements: [Float]
    private let decays: [Float]

    private static let orders = Int(CREDENCE_GUMBEL_TABLE_ORDERS)
    private static let phases = Int(CREDENCE_GUMBEL_TABLE_PHASES)
    private static let length = Int(CREDENCE_GUMBEL_TABLE_LENGTH)
    private static let cells = Int(CREDENCE_GUMBEL_TABLE_CELLS)

    /// Tens of milliseconds, once a process.
    private init() {
        let step = Double(CREDENCE_GUMBEL_TABLE_STEP)
        decays = (0..<Int(CREDENCE_GUMBEL_TABLE_DECAYS)).map { Float(exp(-Double($0) * step)) }
        let cellElements = Self.phases * Self.orders * Self.length
        var elements = [Float](repeating: 0, count: Self.cells * cellElements)
        let gumbel = GumbelDerivatives(orders: Self.orders, step: step / Double(2 * Self.phases), reach: 2000)
        elements.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            // Each cell writes its own elements.
            nonisolated(unsafe) let target = base
            Parallelism.forEach(pieces: Self.cells) { cell in
                let own = UnsafeMutableBufferPointer(start: target + cell * cellElements, count: cellElements)
                Self.fill(own, cell: cell, gumbel)
            }
        }
        self.elements = elements
    }

    /// Convolves with a Gaussian by the trapezoidal rule, whose error is below 1e-8 for steps of at most half a standard
    /// deviation and 0.4.
    private static func fill(_ target: UnsafeMutableBufferPointer<Float>, cell: Int, _ gumbel: GumbelDerivatives) {
        let half = UInt32(1) << (UInt32(CREDENCE_GUMBEL_TABLE_BITS) - 1)
        let bits = (CREDENCE_GUMBEL_TABLE_BASE + UInt32(cell)) << UInt32(CREDENCE_GUMBEL_TABLE_BITS) + half
        let tau = Double(Float(bitPattern: bits)) - Double(CREDENCE_GUMBEL_TABLE_OFFSET)
        let deviation = (2 * tau).squareRoot()
        // In points of the derivatives' grid, which is twice as fine as the phases.
        let stride = [4, 2, 1].first { Double($0) * gumbel.step <= deviation / 2 } ?? 1
        let width = Double(stride) * gumbel.step
        let reach = Int((max(7.5, deviation + 6) * deviation / width).rounded(.up))
        var weights = (-reach...reach).map { exp(-0.5 * pow(Double($0) * width / deviation, 2)) }
        let total = weights.reduce(0, +)
        for index in weights.indices { weights[index] /= total }
        var sums = [Double](repeating: 0, count: length)
        for phase in 0..<phases {
            let origin = 2 * (Int(CREDENCE_GUMBEL_TABLE_FIRST) * phases + phase) + gumbel.reach
            for order in 0..<orders {
                for place in 0..<length { sums[place] = 0 }
                for index in weights.indices {
                    gumbel.add(weights[index], to: &sums, from: origin + (reach - index) * stride, order: order)
                }
                for place in 0..<length { target[(phase * orders + order) * length + place] = Float(sums[place]) }
            }
        }
    }

    /// Probabilities and entropies of each row, which depend on that row alone.
    func predict(_ posterior: LogitPosterior) -> MonteCarlo.Result {
        let (rows, classes, blockRows) = (posterior.rows, posterior.classes, 64)
        var probabilities = Matrix<Float>(uninitialized: rows, classes)
        var entropies = Matrix<Float>(rows: 2, columns: rows)
        var done = [UInt8](repeating: 0, count: rows)
        if rows > 0, classes > 0 {
            done.withUnsafeMutableBufferPointer { flags in
                guard let base = flags.baseAddress else { return }
                // Each block writes its own rows.
                nonisolated(unsafe) let (done, target, total) = (
                    base, probabilities.mutablePointer(), entropies.mutablePointer()
                )
                Parallelism.forEach(pieces: (rows + blockRows - 1) / blockRows) { block in
                    let first = block * blockRows
                    let count = credence_gumbel_table_scratch(classes)
                    withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { scratch in
                        credence_gumbel_table_rows_f32(
                            target + first * classes, total + first, total + rows + first, done + first,
                            posterior.mean.pointer + first * classes, posterior.variance.pointer + first * classes,
                            elements, decays, scratch.baseAddress, min(blockRows, rows - first), classes)
                    }
                }
            }
        }
        let others = done.indices.filter { done[$0] == 0 }
        if !others.isEmpty {
            let exact = GumbelMaxQuadrature.single.predict(
                mean: posterior.mean.selectingRows(others).converted(),
                variance: posterior.variance.selectingRows(others).converted())
            for (place, row) in others.enumerated() {
                for k in 0..<classes { probabilities[row, k] = Float(exact.probabilities[place, k]) }
                entropies[0, row] = Float(exact.totalEntropy[place])
                entropies[1, row] = Float(exact.expectedEntropy[place])
            }
        }
        return MonteCarlo.Result(
            probabilities: probabilities, totalEntropy: entropies.row(0), expectedEntropy: entropies.row(1))
    }
}

/// 1 − G(x), G being Gumbel's distribution exp(−e^{−x}), and its derivatives on a grid around 0.
private struct GumbelDerivatives: Sendable {
    let step: Double
    /// Grid points on either side of 0, a multiple of `period`.
    let reach: Int
    /// Points a node of the table.
    static let period = 2 * Int(CREDENCE_GUMBEL_TABLE_PHASES)
    /// `[orders][period][places]`: every `period`-th point together, as they are read.
    private let values: [[[Double]]]

    init(orders: Int, step: Double, reach: Int) {
        precondition(reach % Self.period == 0, "\(reach) points")
        self.step = step
        self.reach = reach
        // The n-th derivative of G is Pₙ(y)·e^{−y} with y = e^{−x} and Pₙ₊₁ = y·(Pₙ − Pₙ').
        var polynomial = [1.0]
        var values: [[[Double]]] = []
        for order in 0..<orders {
            values.append(
                (0..<Self.period).map { offset in
                    stride(from: offset - reach, through: reach, by: Self.period).map { point in
                        let y = exp(-Double(point) * step)
                        if order == 0 { return -expm1(-y) }
                        return y > 700 ? 0 : -exp(-y) * polynomial.reversed().reduce(0) { $0 * y + $1 }
                    }
                })
            var next = [0.0] + polynomial
            for power in 1..<polynomial.count { next[power] -= Double(power) * polynomial[power] }
            polynomial = next
        }
        self.values = values
    }

    /// Adds weight · the points `first`, `first` + period, … (counted from the grid's start) to `sums`.
    func add(_ weight: Double, to sums: inout [Double], from first: Int, order: Int) {
        let (place, offset) = first.quotientAndRemainder(dividingBy: Self.period)
        values[order][offset].withUnsafeBufferPointer { values in
            sums.withUnsafeMutableBufferPointer { sums in
                for index in sums.indices { sums[index] += weight * values[place + index] }
            }
        }
    }
}
