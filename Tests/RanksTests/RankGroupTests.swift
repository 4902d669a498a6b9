import Matrices
import TestSupport
import Testing

/// What holds for every group of ranks, on ranks that are threads.
@Suite struct RankGroupTests {
    @Test(arguments: [1, 2, 3, 7]) func sharesFollowEachOtherAndDifferByOneAtMost(count: Int) throws {
        for rows in [0, 1, 5, 7, 100, 101] {
            let shares = try ThreadRanks.run(count) { $0.share(of: rows) }
            #expect(shares.first?.lowerBound == 0)
            #expect(shares.last?.upperBound == rows)
            for (a, b) in zip(shares, shares.dropFirst()) { #expect(a.upperBound == b.lowerBound) }
            let sizes = shares.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    @Test func allRanksGetTheSameBits() throws {
        let sums = try ThreadRanks.run(4) { ranks in
            var values = (0..<1000).map { Double($0) * 0.1 / Double(ranks.rank + 3) }
            try ranks.sum(&values)
            return values
        }
        for other in sums.dropFirst() { #expect(other == sums[0]) }
        #expect(sums[0][10] == 1 / 3.0 + 1 / 4.0 + 1 / 5.0 + 1 / 6.0)
    }

    /// Buffers of lengths that do not fit the batches.
    @Test func batchedSumsAreSums() throws {
        let sums = try ThreadRanks.run(3) { ranks in
            let rows = (1...50).map { length in
                let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: length)
                row.initialize(repeating: Float(length * (ranks.rank + 1)))
                return row
            }
            defer { for row in rows { row.deallocate() } }
            var batch = BatchedSum<Float>(over: ranks, elements: 64)
            for row in rows { try batch.add(row) }
            try batch.flush()
            return rows.map(Array.init)
        }
        for rank in sums { for (index, row) in rank.enumerated() { #expect(row.allSatisfy { $0 == Float((index + 1) * 6) }) } }
    }

    @Test func piecesOfWorkAreMadeInTurnAndTakenInOrder() throws {
        let taken = try ThreadRanks.run(3) { ranks in
            var (made, taken): ([Int], [Int]) = ([], [])
            try ranks.inTurns(8) { index in
                made.append(index)
                return [UInt8(index)]
            } take: { index, bytes in
                taken += [index, Int(bytes[0])]
            }
            return [made, taken]
        }
        #expect(taken[0][0] == [0, 3, 6])
        #expect(taken[1][0] == [1, 4, 7])
        #expect(taken[2][0] == [2, 5])
        #expect(taken[0][1] == (0..<8).flatMap { [$0, $0] })
        #expect(taken[1][1].isEmpty && taken[2][1].isEmpty)
    }

    @Test func aRankThatFailsReleasesTheOthers() {
        struct Failure: Error {}
        #expect(throws: Failure.self) {
            try ThreadRanks.run(3) { ranks in
                if ranks.rank == 1 { throw Failure() }
                var values = [1.0]
                try ranks.sum(&values)
            }
        }
    }
}
