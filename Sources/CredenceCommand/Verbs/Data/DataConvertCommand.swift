import ArgumentParser
import Credence
import Foundation

/// `credence data convert`: other files with the same rows.
struct DataConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Make a data folder, or one file, of feature rows in any form that is read.",
        discussion: """
            Inputs are data folders, or row files (safetensors, .npy, .npz) and folders as clip-retrieval writes them \
            (img_emb/img_emb_0.npy and so on), which become training rows. Several follow each other; the classes of several \
            data folders stand side by side. A name ending in .safetensors or .npy for the output makes one file of rows, any \
            other a data folder, which must be new. Rows are streamed, and the output appears complete or not at all.
            A folder needs text features: those of a data folder, --text, or --class-means-as-text. Labels are integers from 0 \
            in the order of the class names, or names.

            EXAMPLE
              credence data convert train.npy --labels train.csv --test test.npy --test-labels test.csv \\
                --text text.npy --class-names names.txt --type f16 --output pets
              credence data convert pets cars --shards 16 --output both
              credence data convert clip-retrieval-output --normalize --output rows.safetensors
            """)

    @Argument(help: ArgumentHelp("Data folders, or files and folders of rows.", valueName: "input"), completion: .file())
    var inputs: [String]

    @Option(help: ArgumentHelp("The data folder to make, or the .safetensors or .npy file.", valueName: "path"), completion: .file())
    var output: String

    @OptionGroup(title: "Labels and classes") var classes: ConversionClassOptions
    @OptionGroup(title: "Rows") var rows: ConversionRowOptions
    @Flag(help: "Print the summary as JSON on standard output.")
    var json = false

    @OptionGroup var common: CommonOptions

    private var isFile: Bool { ["safetensors", "npy"].contains(URL(filePath: output).pathExtension.lowercased()) }

    func validate() throws {
        if isFile {
            if rows.shards > 1 { throw ValidationError("--shards needs a folder for --output.") }
            if rows.testShare != nil { throw ValidationError("--test-share needs a folder for --output.") }
            if !classes.test.isEmpty { throw ValidationError("--test needs a folder for --output.") }
            if classes.classMeansAsText { throw ValidationError("--class-means-as-text needs a folder for --output.") }
            if rows.type == .bf16, output.lowercased().hasSuffix(".npy") {
                throw ValidationError("--type bf16: NumPy has no such type, write safetensors.")
            }
        }
        if rows.testShare != nil, !classes.test.isEmpty { throw ValidationError("--test-share and --test exclude each other.") }
    }

    func run() throws {
        try common.run { terminal in
            var conversion = try opened().open()
            try rows.apply(to: &conversion, seed: common.seed)
            conversion.options.classMeansAsText = classes.classMeansAsText
            conversion.options.meanPrompts = classes.meanPrompts
            conversion.options.logitScale = classes.logitScale
            try check(conversion)
            warnOfMetadata(terminal)
            let progress = RowProgress(terminal: terminal, verb: "converting", rows: conversion.rowCount)
            let target = URL(filePath: output)
            func reached(_ done: Int, _ total: Int) throws {
                try Interruption.check()
                progress.reached(min(done * conversion.rowCount / max(total, 1), conversion.rowCount))
            }
            let summary = try isFile
                ? conversion.writeFile(to: target, progress: reached) : conversion.writeFolder(to: target, progress: reached)
            terminal.wipe()
            say(summary, progress, terminal)
            if json { print(try JSONOutput.text(summary)) }
        }
    }

    private func opened() throws -> ConversionInputs {
        var result = ConversionInputs(inputs.map { URL(filePath: $0) })
        try classes.apply(to: &result)
        result.normalizing = rows.normalize
        result.tensor = rows.tensor
        result.embedding = rows.embedding.rawValue
        if let only = rows.only { result.splits = [only] }
        return result
    }

    private func check(_ conversion: FeatureConversion) throws {
        let splits = Set(conversion.sources.map(\.split))
        if isFile, splits.count > 1 {
            throw ValidationError("the input has train and test rows: choose with --only train or --only test, or write a folder.")
        }
        if rows.testShare != nil, splits.contains(.test) {
            throw ValidationError("--test-share: the input has test rows; with --only train its training rows are shared out.")
        }
        if !isFile, conversion.prompts == nil, !classes.classMeansAsText {
            throw CommandFailure(
                .inputMissing,
                "\(inputs[0]): has no text features, which a data folder needs: give --text or --class-means-as-text, or write "
                    + "a .safetensors file")
        }
        if classes.classMeansAsText, !conversion.hasLabels {
            throw CommandFailure(.inputMissing, "\(inputs[0]): has no labels, which --class-means-as-text needs")
        }
    }

    /// What clip-retrieval knows of its rows is in Parquet files.
    private func warnOfMetadata(_ terminal: Terminal) {
        for input in inputs where FileManager.default.fileExists(atPath: input + "/metadata") {
            terminal.say(
                "\(input)/metadata is not read; Examples/python/parquet_to_features.py takes labels from a column of it")
        }
    }

    private func say(_ summary: FeatureConversion.Summary, _ progress: RowProgress, _ terminal: Terminal) {
        var parts = ["\(summary.trainRows + summary.testRows) rows"]
        if summary.trainRows > 0, summary.testRows > 0 { parts = ["\(summary.trainRows) train and \(summary.testRows) test rows"] }
        if let classes = summary.classes { parts.append("\(classes) classes") }
        parts.append("\(summary.elementType.rawValue) of length \(summary.dimension)")
        terminal.say("wrote \(parts.joined(separator: ", ")) to \(output): \(progress.summary)")
        if summary.leftOutRows > 0 { terminal.say("left out \(summary.leftOutRows) rows of other classes") }
        if summary.droppedBadRows > 0 { terminal.say("dropped \(summary.droppedBadRows) rows that are zero, NaN or infinite") }
    }
}
