/// How much room text takes. Only an estimate: the reader's font is not known.
enum TextFitting {
    /// Pixels at 13 pixels' height; wide scripts count double.
    static func width(_ text: String, size: Double = 13) -> Double {
        var shares = 0.0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
                0x1F300...0x1FAFF: shares += 1.05
            case 0x300...0x36F: break
            case 0x41...0x5A: shares += 0.72
            default: shares += "iljtf.,:;'|!()[] ".unicodeScalars.contains(scalar) ? 0.36 : 0.6
            }
        }
        return shares * size
    }

    /// `text`, shortened with an ellipsis to about `pixels`.
    static func shortened(_ text: String, to pixels: Double, size: Double = 13) -> String {
        guard width(text, size: size) > pixels else { return text }
        var result = text
        while !result.isEmpty, width(result + "…", size: size) > pixels { result.removeLast() }
        return result + "…"
    }
}
