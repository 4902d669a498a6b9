// Finding the row files of a folder that is no labelled data set.
import Foundation

extension FeatureRows {
    /// The files that hold the rows of `url`: the file itself, or, of a folder, the arrays `img_emb_0.npy`, … in the order
    /// of their numbers, there or in its folder `img_emb`, as clip-retrieval lays them out.
    ///
    /// - Throws: `FeatureDataError.inputMissing` where there are none, or where one of the numbers is missing.
    public static func files(at url: URL) throws -> [URL] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw FeatureDataError(.inputMissing, url, "no such file or folder")
        }
        guard isFolder.boolValue else { return [url] }
        for folder in [url.appending(path: "img_emb"), url] where folder.exists {
            let names = try DatasetLayout.fileNames(of: folder)
            let numbered = names.compactMap { name -> (number: Int, name: String)? in
                guard name.hasPrefix("img_emb_"), name.hasSuffix(".npy"),
                    let number = Int(name.dropFirst("img_emb_".count).dropLast(".npy".count)), number >= 0
                else { return nil }
                return (number, name)
            }.sorted { $0.number < $1.number }
            guard let first = numbered.first else { continue }
            for (place, file) in numbered.enumerated() where file.number != first.number + place {
                throw FeatureDataError(.inputMissing, folder, "img_emb_\(first.number + place).npy is missing")
            }
            return numbered.map { folder.appending(path: $0.name) }
        }
        throw FeatureDataError(
            .inputMissing, url, "the folder has no feature files of its own, expected img_emb/img_emb_0.npy or a file")
    }
}
