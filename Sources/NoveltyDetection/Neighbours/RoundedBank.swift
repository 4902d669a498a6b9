import CKernels
import Matrices

/// A bank of rows rounded to bfloat16, for a quick look at which of them can be among the nearest at all.
///
/// Rounding to 8 significant bits changes each factor by at most 2⁻⁹ of itself, so a product of rows by at most
/// (2⁻⁸ + 2⁻¹⁸)·Σ|x_d·y_d| ≤ (2⁻⁸ + 2⁻¹⁸)·‖x‖·‖y‖, to which summing in float adds its own.
struct RoundedBank: Sendable {
    /// In panels of 64 rows; see `credence_bfloat16_pack_panels`.
    private let panels: [UInt16]
    private let panelSize: Int

    /// Rows have to be shorter, lest squares of their lengths leave the range.
    static var longest: Float { 1e15 }

    /// The error of a product, over the product of the lengths.
    static func slack(_ columns: Int) -> Float { 0x1p-8 + 0x1p-17 + NeighbourCollector.slack(columns) }

    /// `nil` where the processor has no such products and where the bank is too small for them to pay.
    init?(_ bank: Matrix<Float>) {
        guard bank.rows >= 512, bank.columns >= 16, credence_bfloat16_has_products() != 0 else { return nil }
        panelSize = (bank.columns + 1) / 2 * 2 * NeighbourSearch.run
        let size = (bank.rows + NeighbourSearch.run - 1) / NeighbourSearch.run * panelSize
        var rounded = [UInt16](repeating: 0, count: bank.count)
        ShortFloat.bfloat16.write(&rounded, bank.pointer, bank.count)
        panels = [UInt16](unsafeUninitializedCapacity: size) { buffer, filled in
            if let base = buffer.baseAddress {
                credence_bfloat16_pack_panels(base, rounded, bank.rows, bank.columns)
            }
            filled = size
        }
    }

    /// The products with the first `size` rows of a panel, `[rows, size]`; `values` has room for 64 a row.
    func products(_ rows: RoundedRows, panel: Int, size: Int, into values: UnsafeMutablePointer<Float>) {
        panels.withUnsafeBufferPointer { panels in
            guard let base = panels.baseAddress else { return }
            credence_bfloat16_panel_products(values, rows.pairs, base + panel * panelSize, rows.count, rows.width)
        }
        guard size < NeighbourSearch.run else { return }
        for row in 0..<rows.count {
            (values + row * size).update(from: values + row * NeighbourSearch.run, count: size)
        }
    }
}

/// Rows rounded to bfloat16, two columns in one number.
struct RoundedRows {
    let count: Int
    /// ⌈D/2⌉.
    let width: Int
    let pairs: [UInt32]

    /// `nil` where a row is too long.
    init?(_ block: Matrix<Float>) {
        guard block.rowNorms().allSatisfy({ $0 < RoundedBank.longest }) else { return nil }
        count = block.rows
        width = (block.columns + 1) / 2
        var pairs = [UInt32](repeating: 0, count: count * width)
        let columns = block.columns
        let stride = 2 * width
        pairs.withUnsafeMutableBytes { bytes in
            guard let base = bytes.assumingMemoryBound(to: UInt16.self).baseAddress else { return }
            if stride == columns {
                ShortFloat.bfloat16.write(base, block.pointer, block.count)
            } else {
                for row in 0..<block.rows {
                    ShortFloat.bfloat16.write(base + row * stride, block.pointer + row * columns, columns)
                }
            }
        }
        self.pairs = pairs
    }
}
