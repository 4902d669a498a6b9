import ArgumentParser

/// `credence data`: feature data before anything is learnt from it.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Look into, check and convert feature data.",
        discussion: """
            inspect tells what a folder or file holds; validate lists everything that is wrong or doubtful in it; convert \
            makes a data folder, or one file, of safetensors files, NumPy arrays, shards and what clip-retrieval writes.

            EXAMPLE
              credence data convert images.npy --labels labels.npy --text text.npy --class-names names.txt \\
                --test-share 0.2 --output pets
              credence data validate pets
            """,
        subcommands: [DataInspectCommand.self, DataValidateCommand.self, DataConvertCommand.self])
}
