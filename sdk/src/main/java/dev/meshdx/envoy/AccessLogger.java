package dev.meshdx.envoy;

import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.envoy.internal.TypedConfig;
import dev.meshdx.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An access log of a listener, an HTTP connection manager or a TCP proxy. Immutable. Source: Envoy,
 * {@code config/accesslog/v3/accesslog.proto} and {@code extensions/access_loggers}.
 */
public final class AccessLogger {
    private final Json raw;

    private AccessLogger(Json raw) {
        this.raw = raw;
    }

    static List<AccessLogger> all(Json logs) {
        return logs.items().stream().map(AccessLogger::new).toList();
    }

    /** The extension's name, such as {@code envoy.access_loggers.file}. */
    public String name() {
        return raw.at("name").text("");
    }

    /** {@code file}, {@code stream} (standard output), {@code open_telemetry}, {@code grpc}, {@code wasm} … */
    public String kind() {
        return TypedConfig.of(raw.at("typed_config")).kind(name());
    }

    /** Where the lines go: a path, or the cluster of the service that takes them; empty where nothing says it. */
    public String destination() {
        TypedConfig config = TypedConfig.of(raw.at("typed_config"));
        Json fields = config.fields();
        Optional<String> path =
                fields.at("path").text().or(() -> raw.at("config", "path").text());
        if (path.isPresent()) {
            return path.get();
        }
        for (Json service : List.of(fields.at("common_config", "grpc_service"), fields.at("grpc_service"))) {
            String cluster = service.at("envoy_grpc", "cluster_name")
                    .text(service.at("google_grpc", "target_uri").text(""));
            if (!cluster.isEmpty()) {
                return cluster;
            }
        }
        return switch (config.message()) {
            case "StdoutAccessLog" -> "/dev/stdout";
            case "StderrAccessLog" -> "/dev/stderr";
            default -> fields.at("http_service", "http_uri", "cluster").text("");
        };
    }

    /** The format: a line with {@code %…%} commands, or a JSON object of them; empty for Envoy's own default. */
    public Optional<String> format() {
        Json fields = TypedConfig.of(raw.at("typed_config")).fields();
        for (Json format : List.of(
                fields.at("log_format", "text_format_source", "inline_string"),
                fields.at("log_format", "text_format"),
                fields.at("log_format", "json_format"),
                fields.at("format"),
                fields.at("json_format"),
                fields.at("typed_json_format"),
                fields.at("body", "string_value"))) {
            if (format.exists()) {
                return Optional.of(format.text(format.toString()));
            }
        }
        return Optional.empty();
    }

    /** Which connections or requests are logged; empty for all. */
    public String filter() {
        return raw.at("filter").exists() ? filter(raw.at("filter")) : "";
    }

    private static String filter(Json filter) {
        Json flags = filter.at("response_flag_filter", "flags");
        if (filter.at("response_flag_filter").exists()) {
            return "flags " + (flags.size() == 0 ? "any" : String.join(",", flags.texts()));
        }
        if (filter.at("status_code_filter").exists()) {
            return "status " + comparison(filter.at("status_code_filter", "comparison"));
        }
        if (filter.at("duration_filter").exists()) {
            return "duration in ms " + comparison(filter.at("duration_filter", "comparison"));
        }
        for (String several : List.of("and_filter", "or_filter")) {
            if (filter.at(several).exists()) {
                List<String> parts = new ArrayList<>();
                filter.at(several, "filters").items().forEach(part -> parts.add(filter(part)));
                return "(" + String.join(several.equals("and_filter") ? " and " : " or ", parts) + ")";
            }
        }
        if (filter.at("header_filter").exists()) {
            return FieldMatch.header(filter.at("header_filter", "header")).toString();
        }
        if (filter.at("runtime_filter").exists()) {
            return ProtoValues.percentText(ProtoValues.percent(filter.at("runtime_filter", "percent_sampled"), 0));
        }
        if (filter.at("grpc_status_filter").exists()) {
            return "gRPC status " + (filter.at("grpc_status_filter", "exclude").bool(false) ? "not " : "")
                    + String.join(
                            ",", filter.at("grpc_status_filter", "statuses").texts());
        }
        if (filter.at("extension_filter").exists()) {
            Json extension = filter.at("extension_filter");
            return extension
                    .at("typed_config", "expression")
                    .text()
                    .map(expression -> "CEL " + ProtoValues.shorten(expression, 80))
                    .orElseGet(() -> extension.at("name").text("extension"));
        }
        // not_health_check_filter, traceable_filter and what is to come.
        return filter.names().isEmpty()
                ? ""
                : filter.names().get(0).replace("_filter", "").replace('_', ' ');
    }

    private static String comparison(Json comparison) {
        String op = switch (comparison.at("op").text("EQ")) {
            case "GE" -> ">= ";
            case "LE" -> "<= ";
            case "NE" -> "!= ";
            default -> "= ";
        };
        return op + comparison.at("value", "default_value").number(0);
    }

    /** The whole entry as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One line: {@code file /dev/stdout, only flags NR}. */
    @Override
    public String toString() {
        String filter = filter();
        return (kind() + " " + destination()).strip() + (filter.isEmpty() ? "" : ", only " + filter);
    }
}
