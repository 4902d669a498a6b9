import FeatureData
import Foundation
import Matrices
import TestSupport
import Testing

@testable import Serving

/// What is asked and answered over HTTP, by plain sockets.
@Suite struct ServiceTests {
    private let prepared: PreparedModels

    init() throws { prepared = try PreparedModels.get() }

    /// What the command line prints about the test rows, a line each.
    private func printed(_ options: String...) throws -> [String] {
        let result = try runCommand(options)
        try #require(result.status == 0, "\(result.stderr)")
        return result.stdout.split(separator: "\n").map(String.init)
    }

    private static let lines = ("Accept", "application/x-ndjson")

    @Test func predictionsAreTheCommandLinesToTheByte() async throws {
        let features = PreparedModels.features
        let bytes = [UInt8](try Data(contentsOf: features))
        let model = prepared.model.path
        let plain = try printed("classify", "--quiet", "--model", model, "--features", features.path, "--json")
        let rich = try printed(
            "classify", "--quiet", "--model", model, "--features", features.path, "--json", "--top-k", "3", "--conformal",
            "0.1", "--abstain", "2", "--probabilities")
        let raw = prepared.raw
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            // The whole file as it lies on disk, and the same rows as JSON numbers and as another file format.
            for (type, body) in [
                ("application/x-safetensors", bytes), ("application/json", Array(raw.jsonBody.utf8)),
                ("application/x-npy", raw.npyBody), ("application/octet-stream", raw.npyBody),
            ] {
                let answer = try client.request("POST", "/v1/classify", headers: [("Content-Type", type), Self.lines], body: body)
                #expect(answer.status == 200, "\(type): \(answer.text.prefix(300))")
                #expect(answer.text.split(separator: "\n").map(String.init) == plain, "\(type)")
            }
            let options = "/v1/classify?top_k=3&conformal=0.1&abstain=2&probabilities=true"
            let answer = try client.request("POST", options, headers: [("Content-Type", "application/x-npy"), Self.lines], body: raw.npyBody)
            #expect(answer.text.split(separator: "\n").map(String.init) == rich)
            // Row by row on one connection.
            for row in [0, 1, 57, 399] {
                let one = try client.post("/v1/classify", raw.rows(row..<row + 1).jsonBody, headers: [Self.lines])
                #expect(one.text == plain[row].replacing("{\"row\":\(row),", with: "{\"row\":0,") + "\n")
            }
        }
    }

    @Test func noveltyIsTheCommandLinesToTheByte() async throws {
        let printed = try printed(
            "novelty", "score", "--quiet", "--model", prepared.model.path, "--features", PreparedModels.features.path,
            "--format", "jsonl")
        let strict = try self.printed(
            "novelty", "score", "--quiet", "--model", prepared.model.path, "--features", PreparedModels.features.path,
            "--format", "jsonl", "--decide", "energy", "--tpr", "0.8")
        let raw = prepared.raw
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            let headers = [("Content-Type", "application/x-npy"), Self.lines]
            let all = try client.request("POST", "/v1/novelty", headers: headers, body: raw.npyBody)
            #expect(all.text.split(separator: "\n").map(String.init) == printed, "\(all.text.prefix(300))")
            let other = try client.request("POST", "/v1/novelty?decide=energy&tpr=0.8", headers: headers, body: raw.npyBody)
            #expect(other.text.split(separator: "\n").map(String.init) == strict)
            let one = try client.post("/v1/novelty", raw.rows(5..<6).jsonBody, headers: [Self.lines])
            #expect(one.text == printed[5].replacing("{\"row\":5,", with: "{\"row\":0,") + "\n")
        }
    }

    /// Many single rows at the same time share blocks; nobody can tell.
    @Test func rowsThatShareABlockAnswerAsAlone() async throws {
        let printed = try printed(
            "classify", "--quiet", "--model", prepared.model.path, "--features", PreparedModels.features.path, "--json")
        let raw = prepared.raw
        let metrics = try await withService { port, _ in
            let work = DispatchQueue(label: "clients", attributes: .concurrent)
            let group = DispatchGroup()
            let failures = Locked<[String]>([])
            for first in 0..<16 {
                work.async(group: group) {
                    do {
                        let client = try HTTPClient(port: port)
                        for row in stride(from: first, to: 400, by: 16) {
                            let answer = try client.post("/v1/classify", raw.rows(row..<row + 1).jsonBody, headers: [Self.lines])
                            let expected = printed[row].replacing("{\"row\":\(row),", with: "{\"row\":0,") + "\n"
                            if answer.text != expected { failures.withLock { $0.append("row \(row): \(answer.text)") } }
                        }
                    } catch {
                        failures.withLock { $0.append("\(error)") }
                    }
                }
            }
            group.wait()
            #expect(failures.withLock { $0 } == [])
            return try HTTPClient(port: port).get("/metrics").text
        }
        #expect(metrics.contains("credence_requests_total{route=\"/v1/classify\",status=\"200\"} 400\n"))
        #expect(metrics.contains("credence_rows_total{route=\"/v1/classify\"} 400\n"))
        #expect(metrics.contains("credence_request_seconds_count{route=\"/v1/classify\"} 400\n"))
    }

    @Test func theObjectFormNamesTheModel() async throws {
        let raw = prepared.raw
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            let answer = try client.post("/v1/classify?top_k=2", raw.rows(0..<3).jsonBody)
            #expect(answer.headers["content-type"] == "application/json")
            let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
            let rows = try #require(object["rows"] as? [[String: Any]])
            #expect(rows.map { $0["row"] as? Int } == [0, 1, 2])
            #expect((rows[0]["top"] as? [Any])?.count == 2)
            let model = try client.get("/v1/model")
            let description = try #require(try JSONSerialization.jsonObject(with: Data(model.body)) as? [String: Any])
            #expect(description["model"] as? String == object["model"] as? String)
            #expect((description["classes"] as? [String])?.count == 10)
            #expect(description["feature_dimension"] as? Int == 512)
            #expect(description["calibration"] as? String == "temperature")
            #expect((description["novelty_scores"] as? [String])?.isEmpty == false)
            #expect(try client.get("/healthz").status == 200)
            #expect(try client.get("/readyz").text == "{\"status\":\"ready\"}\n")
            #expect(try client.request("HEAD", "/healthz").status == 200)
        }
    }

    @Test func refusalsAreClearAndTheConnectionGoesOn() async throws {
        let row = prepared.raw.rows(0..<1)
        let short = prepared.raw.rows(0..<2).firstColumns(511)
        let tooMany = prepared.raw.rows(0..<60).npyBody
        let cases: [(String, String, [(String, String)], [UInt8], Int, String)] = [
            ("POST", "/v1/classify", [], Array("{\"rows\": [[1, 2]]}".utf8), 400, "row 0 has 2 numbers, the model expects 512"),
            ("POST", "/v1/classify", [], [], 400, "no body"),
            ("POST", "/v1/classify", [], Array("hello".utf8), 400, "byte 0"),
            ("POST", "/v1/classify", [("Content-Type", "application/x-npy")], short.npyBody, 400, "rows of length 511"),
            ("POST", "/v1/classify", [("Content-Type", "application/x-npy")], Array(row.npyBody.dropLast(5)), 400, "truncated"),
            ("POST", "/v1/classify", [("Content-Type", "application/x-npy")], tooMany, 413, "60 rows"),
            ("POST", "/v1/classify", [("Content-Type", "application/octet-stream")], [1, 2, 3], 400, "safetensors"),
            ("POST", "/v1/classify", [("Content-Type", "text/html")], [1], 415, "'text/html'"),
            ("POST", "/v1/classify", [("Content-Encoding", "gzip")], [1], 415, "'gzip'"),
            ("POST", "/v1/classify", [("Accept", "text/html")], Array(row.jsonBody.utf8), 406, "application/json"),
            ("POST", "/v1/classify?topk=3", [], Array(row.jsonBody.utf8), 400, "no option 'topk'; there are top_k"),
            ("POST", "/v1/classify?top_k=0", [], Array(row.jsonBody.utf8), 400, "'top_k' is '0'"),
            ("POST", "/v1/classify?top_k=1&top_k=2", [], Array(row.jsonBody.utf8), 400, "twice"),
            ("POST", "/v1/classify?conformal=2", [], Array(row.jsonBody.utf8), 400, "above 0 and below 1"),
            ("POST", "/v1/classify?abstain=2", [], Array(row.jsonBody.utf8), 400, "needs 'conformal'"),
            ("POST", "/v1/novelty?decide=nothing", [], Array(row.jsonBody.utf8), 400, "no score 'nothing'"),
            ("GET", "/v1/classify", [], [], 405, "answers POST, not GET"),
            ("POST", "/v1/model", [], [], 405, "answers GET, not POST"),
            ("GET", "/v2/classify", [], [], 404, "POST /v1/classify"),
        ]
        try await withService(["--max-rows", "50"]) { port, _ in
            let client = try HTTPClient(port: port)
            for (method, path, headers, body, status, fragment) in cases {
                let answer = try client.request(method, path, headers: headers, body: body)
                #expect(answer.status == status, "\(method) \(path): \(answer.text)")
                let message = answer.message ?? ""
                #expect(message.contains(fragment), "\(method) \(path): \(answer.text)")
            }
            #expect(try client.post("/v1/classify", row.jsonBody).status == 200)
        }
    }

    @Test func rowsOfNoUseAreNamed() async throws {
        var bad = prepared.raw.rows(0..<3)
        for column in 0..<512 { bad[1, column] = 0 }
        let zero = bad
        bad[1, 7] = .nan
        let nan = bad
        try await withService { port, _ in
            let client = try HTTPClient(port: port)
            let answer = try client.post("/v1/classify", zero.jsonBody)
            #expect(answer.status == 400 && answer.message?.contains("row 1 is zero") == true, "\(answer.text)")
            let other = try client.request(
                "POST", "/v1/classify", headers: [("Content-Type", "application/x-npy")], body: nan.npyBody)
            #expect(other.status == 400 && other.message?.contains("row 1 is NaN in column 7") == true, "\(other.text)")
        }
    }

    @Test func aModelWithoutDetectorOrCalibrationSaysSo() async throws {
        let row = prepared.raw.rows(0..<1).jsonBody
        try await withService(model: prepared.other) { port, _ in
            let client = try HTTPClient(port: port)
            let novelty = try client.post("/v1/novelty", row)
            #expect(novelty.status == 404 && novelty.message?.contains("no novelty detector") == true)
            let sets = try client.post("/v1/classify?conformal=0.1", row)
            #expect(sets.status == 400 && sets.message?.contains("credence calibrate") == true)
        }
    }

    @Test func withATokenOnlyHealthIsOpen() async throws {
        let row = prepared.raw.rows(0..<1).jsonBody
        try await withService(environment: ["CREDENCE_TOKEN": "open-sesame"]) { port, _ in
            func status(_ path: String, _ token: String?) throws -> Int {
                try HTTPClient(port: port).get(path, headers: token.map { [("Authorization", $0)] } ?? []).status
            }
            #expect(try status("/healthz", nil) == 200)
            #expect(try status("/readyz", nil) == 200)
            for path in ["/v1/model", "/metrics", "/openapi.json"] {
                #expect(try status(path, nil) == 401)
                #expect(try status(path, "Bearer open-sesam") == 401)
                #expect(try status(path, "Bearer open-sesame") == 200)
            }
            let refused = try HTTPClient(port: port).post("/v1/classify", row)
            #expect(refused.status == 401 && refused.headers["www-authenticate"] == "Bearer")
            let answer = try HTTPClient(port: port).post("/v1/classify", row, headers: [("Authorization", "bearer open-sesame")])
            #expect(answer.status == 200)
        }
    }
}

/// The description against what the service does.
@Suite struct OpenAPITests {
    private func document() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(OpenAPI.text.utf8)) as? [String: Any])
    }

    @Test func describesEveryRouteAndNoOther() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: Any]])
        #expect(Set(paths.keys) == Set(Route.allCases.map(\.path)))
        for route in Route.allCases {
            #expect(paths[route.path].map { Array($0.keys) } == [route.method.rawValue.lowercased()])
            let operation = paths[route.path]?[route.method.rawValue.lowercased()] as? [String: Any]
            #expect((operation?["security"] != nil) == route.isOpen)
        }
    }

    @Test func describesEveryOptionAndBody() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: Any]])
        func options(_ route: Route) -> [String]? {
            let post = paths[route.path]?["post"] as? [String: Any]
            return (post?["parameters"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
        }
        #expect(options(.classify) == ClassifyOptions.names)
        #expect(options(.novelty) == NoveltyOptions.names)
        let components = try document()["components"] as? [String: Any]
        let bodies = (components?["requestBodies"] as? [String: Any])?["Rows"] as? [String: Any]
        let types = (bodies?["content"] as? [String: Any])?.keys.sorted()
        #expect(types == BodyForm.mediaTypes.map(\.name).sorted())
    }

    /// Answers have the members that the schemas require, and no other.
    @Test func schemasAreWhatIsAnswered() async throws {
        let prepared = try PreparedModels.get()
        let row = prepared.raw.rows(0..<1).jsonBody
        let answers = try await withService { port, _ in
            let client = try HTTPClient(port: port)
            return try [
                "Prediction": client.post("/v1/classify?top_k=2&conformal=0.1&abstain=2&probabilities=true", row).body,
                "Model": client.get("/v1/model").body, "Status": client.get("/healthz").body,
            ]
        }
        let schemas = try #require((document()["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]])
        for (name, body) in answers {
            var object = try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
            if let rows = object["rows"] as? [[String: Any]] { object = rows[0] }
            let properties = try #require(schemas[name]?["properties"] as? [String: Any])
            let required = try #require(schemas[name]?["required"] as? [String])
            #expect(Set(object.keys).isSubset(of: properties.keys), "\(name): \(object.keys.sorted())")
            #expect(Set(required).isSubset(of: object.keys), "\(name): \(object.keys.sorted())")
            if name == "Prediction" { #expect(Set(object.keys) == Set(properties.keys)) }
        }
    }
}
