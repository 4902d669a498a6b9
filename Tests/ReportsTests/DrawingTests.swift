import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite struct ScaleTests {
    @Test func endsGoToEndsAndTicksAreRound() {
        let scale = LinearScale(0.6...0.9, from: 300, to: 20)
        #expect(scale(0.6) == 300 && scale(0.9) == 20)
        expectClose(scale(0.75), 160, absolute: 1e-9)
        expectClose(scale.ticks(), [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9], absolute: 1e-12)
        #expect(scale.digits() == 2)
        expectClose(LinearScale(-3...12, from: 0, to: 1).ticks(), [-2.0, 0, 2, 4, 6, 8, 10, 12], absolute: 1e-12)
        expectClose(LinearScale(0...1, from: 0, to: 1).ticks(), [0, 0.2, 0.4, 0.6, 0.8, 1], absolute: 1e-12)
    }

    @Test(arguments: [
        0.5...0.5, 0...0, -7...(-7), 1e300...1e300, 0...Double.infinity, -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude,
        0...1e-300,
    ])
    func anyDomainCanBeDrawn(_ domain: ClosedRange<Double>) {
        let scale = LinearScale(domain, from: 0, to: 100)
        #expect(scale.domain.upperBound > scale.domain.lowerBound)
        let middle = scale.domain.lowerBound / 2 + scale.domain.upperBound / 2
        #expect(scale(middle).isFinite)
        #expect(scale.ticks().count <= 16)
        #expect(scale.ticks().allSatisfy(scale.domain.contains))
    }

    @Test func domainsHoldTheirValuesAndKeepLimits() {
        let domain = LinearScale.domain(of: [0.62, 0.97, .nan, .infinity], within: 0...1)
        #expect(domain.lowerBound <= 0.62 && domain.upperBound == 1)
        #expect(LinearScale.domain(of: []) == 0...1)
        #expect(LinearScale.domain(of: [.nan]) == 0...1)
        let single = LinearScale.domain(of: [0.5])
        #expect(single.lowerBound < 0.5 && single.upperBound > 0.5)
    }
}

@Suite struct NumberTextTests {
    @Test func numbersReadWell() {
        #expect(NumberText.fixed(0.12345, 3) == "0.123")
        #expect(NumberText.fixed(-0.0001, 3) == "0.000")
        #expect(NumberText.fixed(-0.5, 1) == "−0.5")
        for nothing in [nil, Double.nan, .infinity] { #expect(NumberText.fixed(nothing, 2) == "–") }
        #expect(NumberText.percent(0.6789) == "67.9\u{A0}%")
        #expect(NumberText.points(0.012) == "+1.2" && NumberText.points(-0.012) == "−1.2" && NumberText.points(0) == "0.0")
        #expect(NumberText.count(1_234_567) == "1\u{202F}234\u{202F}567" && NumberText.count(-12) == "−12")
        #expect(NumberText.pValue(0.0002) == "<\u{A0}0.001" && NumberText.pValue(0.0312) == "0.031")
        #expect(NumberText.seconds(0.0042) == "4.2\u{A0}ms" && NumberText.seconds(75) == "75.0\u{A0}s")
        #expect(NumberText.bytes(200 * 1_048_576) == "200\u{A0}MiB")
        #expect(NumberText.place(12.34) == "12.3" && NumberText.place(-0.04) == "0" && NumberText.place(.nan) == "0")
    }
}

@Suite struct PaletteTests {
    /// WCAG 2.2: 4.5 : 1 for text, 3 : 1 for what a chart says.
    @Test func everythingCanBeReadInLightAndDark() {
        for palette in [Palette.light, .dark] {
            for text in [palette.ink, palette.muted, palette.accent] {
                for ground in [palette.ground, palette.panel] { #expect(text.contrast(to: ground) >= 4.5) }
            }
            for colour in palette.series { #expect(colour.contrast(to: palette.ground) >= 3, "\(colour.css)") }
            #expect(palette.axis.contrast(to: palette.ground) >= 3)
            for step in 0...Palette.heatSteps {
                #expect(palette.textOnHeat(step).contrast(to: palette.heat(step)) >= 4.5, "step \(step)")
            }
        }
        expectClose(Colour("#ffffff").contrast(to: "#000000"), 21, absolute: 1e-9)
        #expect(Colour("#0a66b0").css == "#0a66b0")
    }

    /// The first four series as people see them who lack one kind of cone (Viénot, Brettel and Mollon 1999), whose
    /// difference must stay above what is told apart with ease.
    @Test func seriesStayApartForTheColourBlind() {
        let missing: [[[Double]]] = [
            [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
            [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
        ]
        func linear(_ value: Double) -> Double { value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4) }
        func lab(_ rgb: [Double]) -> [Double] {
            let m = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
            let white = [0.9505, 1, 1.089]
            let f = zip(m, white).map { row, white -> Double in
                let t = max(0, zip(row, rgb).reduce(0) { $0 + $1.0 * $1.1 }) / white
                return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116
            }
            return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
        }
        for palette in [Palette.light, .dark] {
            for matrix in missing {
                let seen = palette.series.prefix(4).map { colour -> [Double] in
                    let rgb = colour.components.map { linear($0 / 255) }
                    return lab(matrix.map { row in zip(row, rgb).reduce(0) { $0 + $1.0 * $1.1 } })
                }
                for a in seen.indices {
                    for b in seen.indices where b > a {
                        let difference = zip(seen[a], seen[b]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
                        #expect(difference > 10, "series \(a) and \(b)")
                    }
                }
            }
        }
    }
}

@Suite struct MarkupTests {
    @Test func textStaysText() {
        let hostile = "<script>alert(\"1\")</script> & 'x' ]]> \u{0}\u{1B} \u{FFFE} naïve 猫 🐈‍⬛ \u{202E}abc"
        let text = Markup.tag("a", ["title": hostile], text: hostile).rendered
        let parsed = XMLText(text)
        #expect(parsed.error == nil)
        #expect(parsed.elements == ["a"])
        let expected = hostile.replacingOccurrences(of: "\u{0}", with: "\u{FFFD}")
            .replacingOccurrences(of: "\u{1B}", with: "\u{FFFD}").replacingOccurrences(of: "\u{FFFE}", with: "\u{FFFD}")
        #expect(parsed.texts["a"] == [expected])
        #expect(parsed.attributes == [["title": expected]])
    }

    @Test func emptyElementsAreClosedAsHTMLWants() {
        #expect(Markup.tag("div").rendered == "<div></div>")
        #expect(Markup.tag("meta", ["charset": "utf-8"]).rendered == "<meta charset=\"utf-8\"/>")
    }

    @Test func longNamesAreShortened() {
        let name = String(repeating: "wide name ", count: 20)
        let short = TextFitting.shortened(name, to: 120)
        #expect(short.hasSuffix("…") && TextFitting.width(short) <= 120)
        #expect(TextFitting.shortened("cat", to: 120) == "cat")
        #expect(TextFitting.shortened("猫", to: 1) == "…")
    }
}
