// Finding the row files of a folder that is no labelled data set.
import Foundation

extension FeatureRows {
    /// The files that hold the rows of `url`: the file itself, or, of a folder, the arrays `img_emb_0.npy`, … in the order
    /// of their numbers, there or in its folder `img_emb`, as clip-retrieval lays them out.
    ///
    /// - Parameter embedding: `text_emb` for those of the captions in place of the images.
    /// - Throws: `FeatureDataError.inputMissing` where there are none, or where one of the numbers is missing.
    public static func files(at url: URL, embedding: String = "img_emb") throws -> [URL] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw FeatureDataError(.inputMissing, url, "no such file or folder")
        }
        guard isFolder.boolValue else { return [url] }
        for folder in [url.appending(path: embedding), url] where folder.exists {
            let names = try DatasetLayout.fileNames(of: folder)
            let numbered = names.compactMap { name -> (number: Int, name: String)? in
                guard name.hasPrefix(embedding + "_"), name.hasSuffix(".npy"),
                    let number = Int(name.dropFirst(embedding.count + 1).dropLast(".npy".count)), number >= 0
                else { return nil }
                return (number, name)
            }.sorted { $0.number < $1.number }
            guard let first = numbered.first else { continue }
            for (place, file) in numbered.enumerated() where file.number != first.number + place {
                throw FeatureDataError(.inputMissing, folder, "\(embedding)_\(first.number + place).npy is missing")
            }
            return numbered.map { folder.appending(path: $0.name) }
        }
        throw FeatureDataError(
            .inputMissing, url, "the folder has no feature files of its own, expected \(embedding)/\(embedding)_0.npy or a file")
    }
}
