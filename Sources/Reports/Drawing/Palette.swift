import Foundation

/// The colours of a report, by light and by dark.
///
/// Series differ in hue and in lightness, after the qualitative schemes of Okabe and Ito (2008) and of Tol (2021), so that
/// they stay apart with any kind of colour vision; lines also differ in dashes and marks. Every series has a contrast of
/// at least 3 : 1 to the ground, text at least 4.5 : 1 (WCAG 2.2, 1.4.11 and 1.4.3).
struct Palette: Sendable {
    let ground: Colour
    let panel: Colour
    let ink: Colour
    let muted: Colour
    let grid: Colour
    let axis: Colour
    let accent: Colour
    let series: [Colour]
    /// Full end of the scale of heat maps; the other is the ground.
    let heat: Colour

    static let light = Palette(
        ground: "#ffffff", panel: "#f6f8fa", ink: "#1a1f26", muted: "#59636e", grid: "#e4e8ec", axis: "#8a939d",
        accent: "#0a5a9c",
        series: ["#0a66b0", "#c0510a", "#12805c", "#9c3587", "#5a4bb5", "#8a6d00", "#c22f45", "#4a5662"], heat: "#08427a")
    static let dark = Palette(
        ground: "#12161b", panel: "#1a2027", ink: "#e8ecf0", muted: "#a3adb8", grid: "#2a323b", axis: "#77828e",
        accent: "#7ab8f0",
        series: ["#5fb0f2", "#f59b52", "#4fc99a", "#e58fd0", "#a99cf5", "#d9bf4a", "#f5808f", "#b4bec9"], heat: "#8cc8ff")

    /// Steps of heat maps: 0 is the ground, the last the full colour.
    static let heatSteps = 20

    func heat(_ step: Int) -> Colour { ground.mixed(with: heat, Double(step) / Double(Self.heatSteps)) }

    /// What can be read best on a step.
    func textOnHeat(_ step: Int) -> Colour {
        let field = heat(step)
        // One of the two always reaches √21 : 1.
        let candidates: [Colour] = ["#ffffff", "#000000"]
        return candidates.max { $0.contrast(to: field) < $1.contrast(to: field) } ?? ink
    }
}

/// A colour of sRGB, components 0…255.
struct Colour: Sendable, Equatable, ExpressibleByStringLiteral {
    let components: [Double]

    init(components: [Double]) { self.components = components }

    /// "#rrggbb"; anything else is black.
    init(stringLiteral text: String) {
        let number = UInt32(text.dropFirst(), radix: 16) ?? 0
        components = [16, 8, 0].map { Double(number >> $0 & 0xFF) }
    }

    var css: String {
        "#" + components.map { component in
            let text = String(UInt8(min(255, max(0, component.rounded()))), radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    func mixed(with other: Colour, _ share: Double) -> Colour {
        Colour(components: zip(components, other.components).map { $0 + ($1 - $0) * share })
    }

    /// WCAG 2.2: 1 : 1 to 21 : 1.
    func contrast(to other: Colour) -> Double {
        let (a, b) = (luminance, other.luminance)
        return (max(a, b) + 0.05) / (min(a, b) + 0.05)
    }

    private var luminance: Double {
        let linear = components.map { component -> Double in
            let value = component / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
}
