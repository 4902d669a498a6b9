// The options of `credence data convert`.
import ArgumentParser
import Credence
import Foundation

/// Where labels, class names and text come from.
struct ConversionClassOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Labels of row files, one file for all or one each: .npy, .safetensors, .txt (one a line), .csv or .tsv (see \
            --label-column). Default: the tensor 'labels' of the row files.
            """, valueName: "file"), completion: .file())
    var labels: [String] = []

    @Option(help: ArgumentHelp("The column of .csv and .tsv files. Default: label, labels, class or class_name.", valueName: "name"))
    var labelColumn: String?

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Row files that become test rows.", valueName: "file"), completion: .file())
    var test: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Labels of the test rows, as --labels.", valueName: "file"), completion: .file())
    var testLabels: [String] = []

    @Option(
        help: ArgumentHelp(
            "Text features [classes, prompts, D] or [classes, D]: safetensors, or .npy or .npz with class names.",
            valueName: "file"), completion: .file())
    var text: String?

    @Option(
        help: ArgumentHelp(
            "exp of the encoder's temperature parameter. Default: that of the text file, in its metadata.", valueName: "scale"))
    var logitScale: Float?

    @Flag(help: "Take the mean of each class's training rows for its text feature: for encoders without text.")
    var classMeansAsText = false

    @Option(help: ArgumentHelp("The class names, one a line or a JSON list.", valueName: "file"), completion: .file())
    var classNames: String?

    @Option(name: .customLong("classes"), help: ArgumentHelp("Keep only these classes, in this order.", valueName: "a,b"))
    var wanted: String?

    @Option(help: ArgumentHelp("Keep only the classes of a file, one a line or a JSON list.", valueName: "file"), completion: .file())
    var classesFile: String?

    @Option(
        help: """
            What a class name in several data folders means: an error, one class (join), or a class of each, named \
            folder/class (qualify).
            """)
    var repeatedClasses = ConversionInputs.RepeatedClasses.error

    @Flag(help: "Write one text feature a class, the mean of its prompts.")
    var meanPrompts = false

    func validate() throws {
        if wanted != nil, classesFile != nil { throw ValidationError("--classes and --classes-file exclude each other.") }
        if text != nil, classMeansAsText { throw ValidationError("--text and --class-means-as-text exclude each other.") }
        if let logitScale, !(logitScale > 0 && logitScale.isFinite) {
            throw ValidationError("--logit-scale must be above 0, not \(logitScale).")
        }
        if test.isEmpty, !testLabels.isEmpty { throw ValidationError("--test-labels needs --test.") }
    }

    func apply(to inputs: inout ConversionInputs) throws {
        inputs.labels = labels.map { URL(filePath: $0) }
        inputs.test = test.map { URL(filePath: $0) }
        inputs.testLabels = testLabels.map { URL(filePath: $0) }
        inputs.text = text.map { URL(filePath: $0) }
        inputs.labelColumn = labelColumn
        inputs.repeatedClasses = repeatedClasses
        inputs.ignoringLogitScales = logitScale != nil
        inputs.classNames = try classNames.map(ClassLists.read)
        inputs.wanted = try classesFile.map(ClassLists.read) ?? wanted.map(ClassLists.parse)
        if let wanted = inputs.wanted, wanted.isEmpty { throw CommandFailure(.badData, "no class is to be kept") }
    }
}

extension ConversionInputs.RepeatedClasses: ExpressibleByArgument {}

/// What becomes of the rows.
struct ConversionRowOptions: ParsableArguments {
    @Option(help: "The number type of the rows. Default: that of the input; of different ones, and of F64, F32.")
    var type: ConversionType?

    @Flag(help: "Scale rows and text features to unit length. Reading does so in any case.")
    var normalize = false

    @Option(help: ArgumentHelp("Cut each split into so many files.", valueName: "n"))
    var shards = 1

    @Option(
        help: ArgumentHelp(
            "The share of every class's rows that become test rows, chosen at random by --seed.", valueName: "share"))
    var testShare: Double?

    @Option(help: "Take only these rows of data folders: train or test.")
    var only: Dataset.Split?

    @Flag(help: "Leave out zero rows and rows with NaN or infinite numbers, which end the conversion otherwise.")
    var dropBadRows = false

    @Option(help: ArgumentHelp("The tensor of the rows. Default: image_features, features, or the only one.", valueName: "name"))
    var tensor: String?

    @Option(help: "Of clip-retrieval's folders: the embeddings of images (img_emb) or of captions (text_emb).")
    var embedding = ConversionEmbedding.images

    func validate() throws {
        if !(1...512).contains(shards) { throw ValidationError("--shards must be 1 to 512, not \(shards).") }
        if let testShare, !(testShare > 0 && testShare < 1) {
            throw ValidationError("--test-share must be above 0 and below 1, not \(testShare).")
        }
    }

    func apply(to conversion: inout FeatureConversion, seed: UInt64) throws {
        conversion.options.elementType = type?.elementType
        conversion.options.shards = shards
        conversion.options.testShare = testShare
        conversion.options.seed = seed
        conversion.options.droppingBadRows = dropBadRows
    }
}

enum ConversionType: String, CaseIterable, ExpressibleByArgument {
    case f16, bf16, f32

    var elementType: ElementType {
        switch self {
        case .f16: .float16
        case .bf16: .bfloat16
        case .f32: .float32
        }
    }
}

enum ConversionEmbedding: String, CaseIterable, ExpressibleByArgument {
    case images = "img_emb"
    case captions = "text_emb"
}
