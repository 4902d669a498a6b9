// A model over HTTP: classification and novelty scores of feature rows.
//
//   HTTP/      connections, routes, what a request may cost, errors, the OpenAPI description
//   Requests/  bodies to feature rows
//   Answers/   batches through the model, rows to JSON
//   Models/    the model that is served, and its reloading
//   Metrics/   counters in Prometheus' text format
