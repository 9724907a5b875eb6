package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * The log of a container, as the API server fetches it from the kubelet. Source: Kubernetes API reference, "read log of the
 * specified Pod"; refusals from {@code pkg/registry/core/pod/strategy.go} and the kubelet.
 */
final class PodLogs {
    /** Where the programs of a mesh write the time: at the start of the line, the access log in brackets. */
    private static final Pattern TIME =
            Pattern.compile("^\\[?(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z)\\]?.*");

    private final ClusterState state;

    PodLogs(ClusterState state) {
        this.state = state;
    }

    HttpResponse answer(HttpRequest request, String namespace, String name) {
        Optional<Resource> found = state.find(ResourceKind.POD, namespace, name);
        if (found.isEmpty()) {
            return Statuses.notFound(ResourceKind.POD, name);
        }
        Resource pod = found.get();
        List<String> containers = names(pod, "containers");
        List<String> inits = names(pod, "initContainers");
        String container = request.query("container");
        if (container.isEmpty()) {
            if (containers.size() != 1) {
                return Statuses.of(
                        400,
                        "a container name must be specified for pod " + name + ", choose one of: ["
                                + String.join(" ", containers) + "]"
                                + (inits.isEmpty()
                                        ? ""
                                        : " or one of the init containers: [" + String.join(" ", inits) + "]"),
                        null);
            }
            container = containers.get(0);
        } else if (!containers.contains(container) && !inits.contains(container)) {
            return Statuses.of(400, "container " + container + " is not valid for pod " + name, null);
        }
        boolean previous = request.query("previous").equals("true");
        Optional<String> log = state.log(namespace, name, container, previous);
        if (log.isEmpty() && previous) {
            return Statuses.of(
                    400, "previous terminated container \"" + container + "\" in pod \"" + name + "\" not found", null);
        }
        Optional<String> waiting = waiting(pod, container);
        if (log.isEmpty() && waiting.isPresent()) {
            return Statuses.of(
                    400,
                    "container \"" + container + "\" in pod \"" + name + "\" is waiting to start: " + waiting.get(),
                    null);
        }
        return select(request, log.orElse(""));
    }

    private static List<String> names(Resource pod, String list) {
        return pod.spec().at(list).items().stream()
                .map(container -> container.at("name").text(""))
                .toList();
    }

    private static Optional<String> waiting(Resource pod, String container) {
        for (Json status : pod.status().at("containerStatuses").items()) {
            if (status.at("name").text("").equals(container)) {
                return status.at("state", "waiting", "reason").text();
            }
        }
        return Optional.empty();
    }

    private HttpResponse select(HttpRequest request, String log) {
        Instant since = null;
        long limit = Long.MAX_VALUE;
        long tail = Long.MAX_VALUE;
        try {
            if (!request.query("sinceSeconds").isEmpty()) {
                since = state.now().minusSeconds(Long.parseLong(request.query("sinceSeconds")));
            } else if (!request.query("sinceTime").isEmpty()) {
                since = Instant.parse(request.query("sinceTime"));
            }
            if (!request.query("limitBytes").isEmpty()) {
                limit = Long.parseLong(request.query("limitBytes"));
            }
            if (!request.query("tailLines").isEmpty()) {
                tail = Long.parseLong(request.query("tailLines"));
            }
        } catch (NumberFormatException | DateTimeParseException e) {
            return Statuses.of(400, "invalid PodLogOptions: " + e.getMessage(), null);
        }
        boolean stamped = request.query("timestamps").equals("true");
        List<String> lines = lines(log, since, stamped);
        if (lines.size() > tail) {
            lines = lines.subList(lines.size() - (int) tail, lines.size());
        }
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        ByteString body = ByteString.encodeUtf8(text.toString());
        if (body.size() > limit) {
            body = body.substring(0, (int) limit);
        }
        return HttpResponse.of(200, "text/plain", body).inChunks();
    }

    /** The lines since a time. A line without time has that of the line before; those before the first time are kept. */
    private List<String> lines(String log, @Nullable Instant since, boolean stamped) {
        List<String> lines = new ArrayList<>();
        if (log.isEmpty()) {
            return lines;
        }
        Instant time = null;
        String text = log.endsWith("\n") ? log.substring(0, log.length() - 1) : log;
        for (String line : text.split("\n", -1)) {
            Matcher matcher = TIME.matcher(line);
            if (matcher.matches()) {
                time = parsed(matcher.group(1), time);
            }
            if (since == null || time == null || !time.isBefore(since)) {
                lines.add(stamped ? stamp(time) + " " + line : line);
            }
        }
        return lines;
    }

    /** A line may begin with what only looks like a time: then that of the line before counts. */
    private static @Nullable Instant parsed(String time, @Nullable Instant before) {
        try {
            return Instant.parse(time);
        } catch (DateTimeParseException e) {
            return before;
        }
    }

    /** Nine digits after the point, as the kubelet writes them. */
    private String stamp(@Nullable Instant time) {
        Instant known = time == null ? state.startedAt() : time;
        String seconds = Instant.ofEpochSecond(known.getEpochSecond()).toString();
        return seconds.substring(0, seconds.length() - 1)
                + String.format(java.util.Locale.ROOT, ".%09dZ", known.getNano());
    }
}
