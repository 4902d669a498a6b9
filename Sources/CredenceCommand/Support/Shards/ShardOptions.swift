import ArgumentParser
import Credence

/// The option of verbs that can do a share of their work, to be joined by `credence merge`.
struct ShardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Take only the i-th of n shares of the rows and write its part to --output; 'credence merge' joins the parts of all \
            shares. Shares follow each other in the order of rows.
            """, valueName: "i/n"),
        transform: { try RowShard(parsing: $0) })
    var shard: RowShard?
}
