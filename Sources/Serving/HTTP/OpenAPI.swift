/// The service's description in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0). A test holds it against `Route`.
enum OpenAPI {
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Credence",
            "version": "1",
            "description": "Classification and novelty detection of feature rows with calibrated uncertainty. Rows are scaled to unit length. A row's answer does not depend on the rows it is sent with, and is that of the command line to the bit."
          },
          "security": [{}, {"token": []}],
          "paths": {
            "/v1/classify": {
              "post": {
                "operationId": "classify",
                "summary": "Class, probability and uncertainty of every row",
                "parameters": [
                  {"name": "top_k", "in": "query", "description": "Classes told for each row, most probable first.", "schema": {"type": "integer", "minimum": 1, "default": 1}},
                  {"name": "probabilities", "in": "query", "description": "Whether the probabilities of all classes are told, in the order of the model's classes.", "schema": {"type": "boolean", "default": false}},
                  {"name": "conformal", "in": "query", "description": "Tell a set of classes that misses the right one in that share of rows at most; the model must be calibrated.", "schema": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}},
                  {"name": "abstain", "in": "query", "description": "With conformal: abstain where the set is empty or holds more classes than that.", "schema": {"type": "integer", "minimum": 1}},
                  {"name": "calibrated", "in": "query", "description": "Whether the model's calibration is used.", "schema": {"type": "boolean", "default": true}}
                ],
                "requestBody": {"$ref": "#/components/requestBodies/Rows"},
                "responses": {
                  "200": {
                    "description": "One object a row, in the order of the request.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["model", "rows"],
                          "properties": {
                            "model": {"type": "string", "description": "The fingerprint of the model that answered."},
                            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Prediction"}}
                          }
                        }
                      },
                      "application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Prediction"}}
                    }
                  },
                  "default": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/v1/novelty": {
              "post": {
                "operationId": "scoreNovelty",
                "summary": "Novelty scores and p-values of every row",
                "parameters": [
                  {"name": "decide", "in": "query", "description": "The score that says which rows are novel; by default the detector's first.", "schema": {"type": "string"}},
                  {"name": "tpr", "in": "query", "description": "The share of known rows that passes, instead of the detector's own.", "schema": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}}
                ],
                "requestBody": {"$ref": "#/components/requestBodies/Rows"},
                "responses": {
                  "200": {
                    "description": "One object a row, in the order of the request.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["model", "rows"],
                          "properties": {
                            "model": {"type": "string", "description": "The fingerprint of the model that answered."},
                            "rows": {"type": "array", "items": {"$ref": "#/components/schemas/Novelty"}}
                          }
                        }
                      },
                      "application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Novelty"}}
                    }
                  },
                  "default": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/v1/model": {
              "get": {
                "operationId": "describeModel",
                "summary": "What the model is",
                "responses": {
                  "200": {
                    "description": "The model that answers now.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Model"}}}
                  },
                  "default": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/healthz": {
              "get": {
                "operationId": "health",
                "summary": "Whether the process answers at all",
                "security": [{}],
                "responses": {
                  "200": {"description": "It does.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}},
                  "default": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/readyz": {
              "get": {
                "operationId": "readiness",
                "summary": "Whether new work is welcome: 503 once the service is stopping",
                "security": [{}],
                "responses": {
                  "200": {"description": "It is.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}},
                  "default": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/metrics": {
              "get": {
                "operationId": "metrics",
                "summary": "Requests, latencies, rows, block sizes and memory in Prometheus' text format",
                "responses": {
                  "200": {"description": "The figures since the start.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "default": {"$ref": "#/components/responses/Refusal"}
                }
              }
            },
            "/openapi.json": {
              "get": {
                "operationId": "describe",
                "summary": "This description",
                "responses": {
                  "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}},
                  "default": {"$ref": "#/components/responses/Refusal"}
                }
              }
            }
          },
          "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "requestBodies": {
              "Rows": {
                "required": true,
                "description": "Feature rows as JSON, or as a safetensors, npy or npz file (told apart by their first bytes; the tensor image_features or features, or the only one of two dimensions, in F16, BF16, F32 or F64).",
                "content": {
                  "application/json": {
                    "schema": {
                      "type": "object",
                      "required": ["rows"],
                      "additionalProperties": false,
                      "properties": {
                        "rows": {
                          "type": "array",
                          "minItems": 1,
                          "items": {"type": "array", "items": {"type": "number"}}
                        }
                      }
                    },
                    "example": {"rows": [[0.12, -0.03, 0.4]]}
                  },
                  "application/x-safetensors": {"schema": {"type": "string", "format": "binary"}},
                  "application/x-npy": {"schema": {"type": "string", "format": "binary"}},
                  "application/x-npz": {"schema": {"type": "string", "format": "binary"}},
                  "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                }
              }
            },
            "responses": {
              "Refusal": {
                "description": "Why there is no answer: 400 malformed, 401 no token, 404 no such route or no detector, 405 method, 406 Accept, 408 too slow, 413 too large, 415 Content-Type, 503 overloaded or stopping.",
                "content": {
                  "application/json": {
                    "schema": {
                      "type": "object",
                      "required": ["error"],
                      "properties": {
                        "error": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
                      }
                    }
                  }
                }
              }
            },
            "schemas": {
              "Prediction": {
                "type": "object",
                "required": ["row", "class", "probability", "entropy", "aleatoric", "epistemic", "energy", "margin", "variance"],
                "properties": {
                  "row": {"type": "integer", "description": "The place of the row in the request, from 0."},
                  "class": {"type": "string"},
                  "probability": {"type": "number"},
                  "entropy": {"type": "number", "description": "Of the probabilities, in nats."},
                  "aleatoric": {"type": "number", "description": "The part of the entropy that more data would not remove."},
                  "epistemic": {"type": "number", "description": "The part that comes from not knowing the logits."},
                  "energy": {"type": "number", "description": "Higher is more novel."},
                  "margin": {"type": "number", "description": "How far the best class is ahead of the second."},
                  "variance": {"type": "number", "description": "Of the best class's logit."},
                  "set": {"type": "array", "items": {"type": "string"}},
                  "abstain": {"type": "boolean"},
                  "top": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["class", "probability"],
                      "properties": {"class": {"type": "string"}, "probability": {"type": "number"}}
                    }
                  },
                  "probabilities": {"type": "array", "items": {"type": "number"}}
                }
              },
              "Novelty": {
                "type": "object",
                "required": ["row", "is_novel"],
                "description": "Beside these members each score by its name, and its p-value under the name with _p.",
                "properties": {
                  "row": {"type": "integer", "description": "The place of the row in the request, from 0."},
                  "is_novel": {"type": "boolean"}
                },
                "additionalProperties": {"type": ["number", "null"]}
              },
              "Model": {
                "type": "object",
                "required": ["model", "file", "method", "classes", "feature_dimension", "prediction_sets", "novelty_scores", "loaded_at"],
                "properties": {
                  "model": {"type": "string", "description": "The fingerprint of the head."},
                  "file": {"type": "string"},
                  "method": {"type": "string"},
                  "classes": {"type": "array", "items": {"type": "string"}},
                  "feature_dimension": {"type": "integer"},
                  "calibration": {"type": "string"},
                  "prediction_sets": {"type": "boolean"},
                  "novelty_scores": {"type": "array", "items": {"type": "string"}},
                  "loaded_at": {"type": "string", "format": "date-time"}
                }
              },
              "Status": {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
            }
          }
        }
        """#
}
