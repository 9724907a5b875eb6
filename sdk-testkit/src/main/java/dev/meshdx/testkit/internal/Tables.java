package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code kubectl get} prints: the server makes the rows. Columns of the kinds that matter here, those of the
 * CustomResourceDefinition for others, else name and age.
 *
 * <p>Source: Kubernetes, "API Concepts: Receiving resources as Tables"; columns from
 * {@code pkg/printers/internalversion/printers.go}.
 */
final class Tables {
    private Tables() {}

    static boolean isWanted(HttpRequest request) {
        return request.headerItems("accept").stream()
                .findFirst()
                .filter(first -> first.contains("as=Table"))
                .isPresent();
    }

    static Json table(ClusterState state, ServedKind served, List<Resource> objects, Json metadata) {
        List<Json> columns = new ArrayList<>();
        for (ServedKind.Column column : columns(served)) {
            columns.add(Json.object(
                    "name",
                    column.name(),
                    "type",
                    column.type().equals("date") ? "string" : column.type(),
                    "format",
                    column.name().equals("Name") ? "name" : "",
                    "description",
                    "",
                    "priority",
                    column.priority()));
        }
        List<Json> rows = new ArrayList<>();
        for (Resource object : objects) {
            List<@Nullable Object> cells = new ArrayList<>();
            for (ServedKind.Column column : columns(served)) {
                cells.add(cell(state, object, column));
            }
            rows.add(Json.object(
                    "cells",
                    Json.array(cells),
                    "object",
                    Json.object(
                            "kind",
                            "PartialObjectMetadata",
                            "apiVersion",
                            "meta.k8s.io/v1",
                            "metadata",
                            object.raw().at("metadata"))));
        }
        return Json.object(
                "kind",
                "Table",
                "apiVersion",
                "meta.k8s.io/v1",
                "metadata",
                metadata,
                "columnDefinitions",
                columns,
                "rows",
                rows);
    }

    private static ServedKind.Column column(String name, String path) {
        return new ServedKind.Column(name, "string", path, 0);
    }

    private static ServedKind.Column wide(String name, String path) {
        return new ServedKind.Column(name, "string", path, 1);
    }

    private static List<ServedKind.Column> columns(ServedKind served) {
        ServedKind.Column name = column("Name", ".metadata.name");
        ServedKind.Column age = new ServedKind.Column("Age", "date", ".metadata.creationTimestamp", 0);
        List<ServedKind.Column> columns = new ArrayList<>(List.of(name));
        switch (served.kind().qualifiedPlural()) {
            case "pods" ->
                columns.addAll(List.of(
                        column("Ready", "pod:ready"),
                        column("Status", "pod:status"),
                        column("Restarts", "pod:restarts"),
                        age,
                        wide("IP", ".status.podIP"),
                        wide("Node", ".spec.nodeName")));
            case "services" ->
                columns.addAll(List.of(
                        column("Type", ".spec.type"),
                        column("Cluster-IP", ".spec.clusterIP"),
                        column("Port(s)", "service:ports"),
                        age));
            case "namespaces" -> columns.addAll(List.of(column("Status", ".status.phase"), age));
            case "deployments.apps" ->
                columns.addAll(List.of(
                        column("Ready", "deployment:ready"),
                        column("Up-to-date", "count:.status.updatedReplicas"),
                        column("Available", "count:.status.availableReplicas"),
                        age));
            default -> {
                columns.addAll(served.columns());
                if (served.columns().stream().noneMatch(column -> column.name().equals("Age"))) {
                    columns.add(age);
                }
            }
        }
        return columns;
    }

    private static String cell(ClusterState state, Resource object, ServedKind.Column column) {
        Json status = object.status();
        return switch (column.path()) {
            case "pod:ready" -> {
                // Native sidecars count. Source: Kubernetes, printPod.
                List<String> names = Stream.concat(
                                object.spec().at("containers").items().stream(),
                                object.spec().at("initContainers").items().stream()
                                        .filter(init -> init.at("restartPolicy")
                                                .text("")
                                                .equals("Always")))
                        .map(container -> container.at("name").text(""))
                        .toList();
                long ready = Stream.of("containerStatuses", "initContainerStatuses")
                        .flatMap(list -> status.at(list).items().stream())
                        .filter(container -> container.at("ready").bool(false)
                                && names.contains(container.at("name").text("")))
                        .count();
                yield ready + "/" + names.size();
            }
            case "pod:status" -> podStatus(object);
            case "pod:restarts" ->
                String.valueOf(status.at("containerStatuses").items().stream()
                        .mapToLong(container -> container.at("restartCount").number(0))
                        .sum());
            case "service:ports" ->
                String.join(
                        ",",
                        object.spec().at("ports").items().stream()
                                .map(port -> port.at("port").text("") + "/"
                                        + port.at("protocol").text("TCP"))
                                .toList());
            case "deployment:ready" ->
                status.at("readyReplicas").number(0) + "/"
                        + object.spec().at("replicas").number(1);
            default ->
                column.path().startsWith("count:")
                        ? String.valueOf(at(object, column.path().substring(6)).number(0))
                        : column.type().equals("date")
                                ? age(state, at(object, column.path()).text(""))
                                : plain(at(object, column.path()));
        };
    }

    private static String plain(Json value) {
        return value.isObject() || value.isArray() ? value.toString() : value.text("");
    }

    private static String podStatus(Resource pod) {
        if (pod.raw().at("metadata", "deletionTimestamp").exists()) {
            return "Terminating";
        }
        for (Json container : pod.status().at("containerStatuses").items()) {
            Optional<String> reason = container
                    .at("state", "waiting", "reason")
                    .text()
                    .or(() -> container.at("state", "terminated", "reason").text());
            if (reason.isPresent()) {
                return reason.get();
            }
        }
        return pod.status().at("reason").text(pod.status().at("phase").text("Unknown"));
    }

    /** The simple paths that Istio's definitions use: names parted by dots. */
    private static Json at(Resource object, String path) {
        return object.raw().at(path.startsWith(".") ? path.substring(1).split("\\.", -1) : new String[] {path});
    }

    private static String age(ClusterState state, String created) {
        Instant at;
        try {
            at = Instant.parse(created);
        } catch (java.time.format.DateTimeParseException e) {
            return "<unknown>";
        }
        Duration age = Duration.between(at, state.now());
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + "s";
        }
        return seconds < 600 * 60
                ? seconds / 60 + "m"
                : seconds < 48 * 3600 ? seconds / 3600 + "h" : seconds / 86400 + "d";
    }
}
