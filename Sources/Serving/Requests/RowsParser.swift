// JSON bodies: {"rows": [[0.1, …], …]}, or the list of rows alone.
//
// Written by hand since JSONDecoder takes more than twenty times as long for rows of 512 numbers (Benchmarks/README.md, "The
// service") and could not tell which number of which row is wrong.

/// Reads rows of numbers from JSON text; every number is rounded to the nearest Float.
struct RowsParser {
    /// D: the numbers that each row must have.
    let columns: Int
    let maximumRows: Int

    /// The rows one after the other.
    ///
    /// - Throws: `RequestError` with the place of the first mistake.
    func elements(_ text: UnsafeRawBufferPointer) throws(RequestError) -> [Float] {
        var reader = JSONReader(text: text)
        var result: [Float] = []
        if reader.peek() == UInt8(ascii: "[") {
            try rows(&reader, into: &result)
        } else {
            try object(&reader, into: &result)
        }
        guard reader.peek() == nil else { throw reader.error("text after the end of the value") }
        return result
    }

    private func object(_ reader: inout JSONReader, into result: inout [Float]) throws(RequestError) {
        guard reader.take(UInt8(ascii: "{")) else {
            throw reader.error("expected {\"rows\": [[…], …]}, an object with a list of rows")
        }
        var found = false
        while true {
            let name = try reader.plainString()
            guard name == "rows" else {
                throw .bad("the body has the unknown member '\(name)', expected 'rows' alone; options are given in the query")
            }
            guard !found else { throw .bad("the body has 'rows' twice") }
            found = true
            guard reader.take(UInt8(ascii: ":")) else { throw reader.error("expected ':'") }
            try rows(&reader, into: &result)
            if reader.take(UInt8(ascii: ",")) { continue }
            guard reader.take(UInt8(ascii: "}")) else { throw reader.error("expected ',' or '}'") }
            return
        }
    }

    private func rows(_ reader: inout JSONReader, into result: inout [Float]) throws(RequestError) {
        guard reader.take(UInt8(ascii: "[")) else { throw reader.error("expected a list of rows") }
        if reader.take(UInt8(ascii: "]")) { throw .bad("there are no rows") }
        // A row takes two characters a number at least; what the text cannot hold is not reserved.
        result.reserveCapacity(min(reader.text.count / 2, columns * min(maximumRows, 1 + reader.text.count / (2 * columns))))
        var row = 0
        var numbers = [Float](repeating: 0, count: columns)
        while true {
            guard row < maximumRows else {
                throw RequestError(.contentTooLarge, "more than \(maximumRows) rows, the most of a request")
            }
            try self.row(row, &reader, into: &numbers)
            result += numbers
            row += 1
            if reader.take(UInt8(ascii: ",")) { continue }
            guard reader.take(UInt8(ascii: "]")) else { throw reader.error("expected ',' or ']' after row \(row - 1)") }
            return
        }
    }

    private func row(_ row: Int, _ reader: inout JSONReader, into numbers: inout [Float]) throws(RequestError) {
        guard reader.take(UInt8(ascii: "[")) else {
            throw reader.error("row \(row) is not a list of numbers; 'rows' is a list of rows, also for one row")
        }
        var column = 0
        if !reader.take(UInt8(ascii: "]")) {
            try numbers.withUnsafeMutableBufferPointer { (numbers) throws(RequestError) in
                while true {
                    guard column < columns else {
                        throw .bad("row \(row) has more than \(columns) numbers, the model expects \(columns)")
                    }
                    guard let value = reader.number() else {
                        throw reader.error("row \(row), column \(column): expected a number")
                    }
                    guard value.isFinite else {
                        throw reader.error("row \(row), column \(column): the number is more than a Float holds")
                    }
                    numbers[column] = value
                    column += 1
                    if reader.take(UInt8(ascii: ",")) { continue }
                    guard reader.take(UInt8(ascii: "]")) else {
                        throw reader.error("expected ',' or ']' in row \(row) after column \(column - 1)")
                    }
                    return
                }
            }
        }
        guard column == columns else {
            throw .bad("row \(row) has \(column) numbers, the model expects \(columns)")
        }
    }
}
