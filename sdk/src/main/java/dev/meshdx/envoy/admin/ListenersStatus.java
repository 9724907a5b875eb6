package dev.meshdx.envoy.admin;

import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.envoy.internal.Row;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.TextTable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The listeners that a proxy's process has, with the addresses that they are really bound to, from the page
 * {@code /listeners?format=json} or its text form. Immutable; safe for use by several threads.
 *
 * <p>A sidecar lists here all of its listeners: those that do not bind a port ({@code bind_to_port: false}) appear with the
 * address that they stand for. Source: Envoy, {@code admin/v3/listeners.proto}.
 */
public final class ListenersStatus implements Iterable<ListenerStatus> {
    private static final String PATH = "/listeners";

    private final List<ListenerStatus> all;
    private final List<Inconclusive> gaps;

    private ListenersStatus(List<ListenerStatus> all, List<Inconclusive> gaps) {
        this.all = List.copyOf(all);
        this.gaps = List.copyOf(gaps);
    }

    /**
     * Reads the page, JSON or text, for example from a file. The stream stays open.
     *
     * @throws MeshProtocolException if it is something else
     * @throws IOException if the stream cannot be read
     */
    public static ListenersStatus parse(InputStream in) throws IOException {
        AdminPage page = AdminPage.jsonOrText(in, PATH, List.of("listener_statuses"));
        List<ListenerStatus> found = new ArrayList<>();
        if (page.json().exists()) {
            for (Json status : page.json().at("listener_statuses").items()) {
                if (status.isObject()) {
                    found.add(new ListenerStatus(status));
                }
            }
        } else {
            lines(page.lines()).forEach(status -> found.add(new ListenerStatus(status)));
            if (found.isEmpty()) {
                throw AdminPage.foreign(PATH, AdminPage.Form.TEXT);
            }
        }
        Inconclusive problem = page.problem();
        return new ListenersStatus(found, problem == null ? List.of() : List.of(problem));
    }

    /** {@code NAME::ADDRESS}, a line for each address. */
    private static List<Json> lines(List<String> lines) {
        Map<String, List<Json>> byName = new LinkedHashMap<>();
        for (String line : lines) {
            // The name may be an IPv6 address, the address may be ":::8080" or "[::]:8080".
            int at = line.indexOf("::[");
            at = at < 0 ? line.indexOf("::") : at;
            if (at > 0 && at + 2 < line.length()) {
                byName.computeIfAbsent(line.substring(0, at), name -> new ArrayList<>())
                        .add(local(line.substring(at + 2).strip()));
            }
        }
        List<Json> statuses = new ArrayList<>();
        byName.forEach((name, locals) -> statuses.add(Json.object(
                "name",
                name,
                "local_address",
                locals.get(0),
                "additional_local_addresses",
                locals.size() == 1 ? null : Json.array(locals.subList(1, locals.size())))));
        return statuses;
    }

    private static Json local(String address) {
        if (address.startsWith("envoy://")) {
            return Json.object(
                    "envoy_internal_address",
                    Json.object("server_listener_name", address.substring(8).replaceFirst("/.*$", "")));
        }
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        if (colon < 0 || port.isEmpty() || port.length() > 5 || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Json.object("pipe", Json.object("path", address));
        }
        String host = address.substring(0, colon);
        return Json.object(
                "socket_address",
                Json.object(
                        "address",
                        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host,
                        "port_value",
                        Long.parseLong(port)));
    }

    /** All, in Envoy's order. */
    public List<ListenerStatus> all() {
        return all;
    }

    /** A stream over them. */
    public Stream<ListenerStatus> stream() {
        return all.stream();
    }

    @Override
    public Iterator<ListenerStatus> iterator() {
        return all.iterator();
    }

    /** How many there are. */
    public int size() {
        return all.size();
    }

    /** The one with this whole name. */
    public Optional<ListenerStatus> find(String name) {
        return all.stream().filter(status -> status.name().equals(name)).findFirst();
    }

    /** Names like this one, nearest first. */
    public List<String> nearest(String name) {
        return Nearest.to(name, all.stream().map(ListenerStatus::name).toList());
    }

    /** What could not be read: the page was cut off. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** One map a row: {@code name}, {@code addresses}, {@code internal}. */
    public List<Map<String, String>> rows() {
        return all.stream()
                .map(status -> Row.of(
                        "name",
                        status.name(),
                        "addresses",
                        String.join(",", status.addresses()),
                        "internal",
                        String.valueOf(status.isInternal())))
                .toList();
    }

    /** As many as fit on a screen. */
    @Override
    public String toString() {
        TextTable table = new TextTable("NAME", "ADDRESSES");
        all.forEach(status -> table.row(status.name(), String.join(", ", status.addresses())));
        return table.summary("", "listeners");
    }
}
