/// NumPy's files made byte by byte, so that they can be wrong.
public enum NumPyBytes {
    /// A `.npy` file with the header as it stands.
    public static func npy(header: String, version: UInt8 = 1, data: [UInt8]) -> [UInt8] {
        let text = Array(header.utf8) + [0x0a]
        return [0x93] + Array("NUMPY".utf8) + [version, 0] + number(text.count, version == 1 ? 2 : 4) + text + data
    }

    /// A `.npy` file with the header that NumPy writes.
    ///
    /// - Parameter type: such as `<f4`.
    public static func npy(_ type: String, _ shape: [Int], data: [UInt8]) -> [UInt8] {
        let sizes = shape.map { "\($0), " }.joined()
        let header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
        return npy(header: header + String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64), data: data)
    }

    /// A zip archive as NumPy writes it: stored members, sizes in the directory, an extra field in the local header.
    public static func archive(_ members: [(name: String, data: [UInt8])], method: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for (name, data) in members {
            let local = bytes.count
            bytes += [0x50, 0x4b, 3, 4] + number(45, 2) + number(0, 2) + number(method, 2) + number(0, 8)
            bytes += number(0xffff_ffff, 4) + number(0xffff_ffff, 4) + number(name.utf8.count, 2) + number(20, 2)
            bytes += Array(name.utf8) + number(1, 2) + number(16, 2) + number(data.count, 8) + number(data.count, 8)
            bytes += data
            directory += [0x50, 0x4b, 1, 2] + number(45, 2) + number(45, 2) + number(0, 2) + number(method, 2)
            directory += number(0, 8) + number(data.count, 4) + number(data.count, 4) + number(name.utf8.count, 2)
            directory += number(0, 2) + number(0, 2) + number(0, 8) + number(local, 4) + Array(name.utf8)
        }
        let end = [0x50, 0x4b, 5, 6] + number(0, 4) + number(members.count, 2) + number(members.count, 2)
        return bytes + directory + end + number(directory.count, 4) + number(bytes.count, 4) + number(0, 2)
    }

    /// Little-endian.
    private static func number(_ value: Int, _ size: Int) -> [UInt8] { (0..<size).map { UInt8(value >> (8 * $0) & 0xff) } }
}
