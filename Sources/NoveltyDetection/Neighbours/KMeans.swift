import Matrices
import Probability

/// Centres of rows by Lloyd's k-means, begun with k-means++ (Arthur and Vassilvitskii 2007, doi:10.5555/1283383.1283494).
/// The same seed gives the same centres.
enum KMeans {
    /// `[count, D]`, or as many as there are distinct rows where those are fewer. O(rounds · rows · count · D).
    static func centres(_ rows: Matrix<Float>, count: Int, rounds: Int = 20, seed: UInt64) -> Matrix<Float> {
        var centres = start(rows, count: count, seed: seed)
        var last: [Int] = []
        for _ in 0..<rounds {
            let nearest = assign(rows, to: centres)
            if nearest == last { break }
            last = nearest
            var sums = Matrix<Double>(rows: centres.rows, columns: rows.columns)
            var members = [Int](repeating: 0, count: centres.rows)
            let base = sums.mutablePointer()
            for (row, centre) in nearest.enumerated() {
                members[centre] += 1
                for d in 0..<rows.columns { base[centre * rows.columns + d] += Double(rows.pointer[row * rows.columns + d]) }
            }
            let target = centres.mutablePointer()
            // A centre without rows stays where it is.
            for (centre, count) in members.enumerated() where count > 0 {
                for d in 0..<rows.columns {
                    target[centre * rows.columns + d] = Float(base[centre * rows.columns + d] / Double(count))
                }
            }
        }
        return centres
    }

    /// The nearest centre of each row. O(centres · D) a row.
    static func assign(_ rows: Matrix<Float>, to centres: Matrix<Float>) -> [Int] {
        let offsets = centres.rowSquaredNorms().map { -$0 / 2 }
        return rows.multiplied(by: centres, .transposed).adding(row: offsets).rowArgmaxima()
    }

    private static func start(_ rows: Matrix<Float>, count: Int, seed: UInt64) -> Matrix<Float> {
        var random = RandomStream(seed: seed).split(2)
        var chosen: [Int] = []
        var distances = [Float](repeating: .infinity, count: rows.rows)
        while chosen.count < min(count, rows.rows) {
            let total = distances.reduce(0.0) { $0 + Double($1) }
            let next: Int
            if chosen.isEmpty {
                next = random.integer(below: rows.rows)
            } else if total > 0 {
                var left = random.uniform() * total
                next = distances.firstIndex { distance in
                    left -= Double(distance)
                    return distance > 0 && left < 0
                } ?? distances.lastIndex { $0 > 0 } ?? 0
            } else {
                break
            }
            chosen.append(next)
            let point = rows.rows(next..<next + 1).elements.map { -$0 }
            for (row, distance) in rows.adding(row: point).rowSquaredNorms().enumerated() {
                distances[row] = min(distances[row], distance)
            }
        }
        return rows.selectingRows(chosen)
    }
}
