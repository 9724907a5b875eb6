package dev.meshdx.envoy.admin;

import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.envoy.internal.Row;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import dev.meshdx.model.internal.TextTable;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a proxy's start, or a listener's warming, still waits for, from the page {@code /init_dump}. Immutable; safe for use by
 * several threads.
 *
 * <p>Source: Envoy, {@code admin/v3/init_dump.proto}. The page is empty where nothing waits.
 */
public final class InitDump {
    private static final String PATH = "/init_dump";

    private final Map<String, List<String>> waiting;
    private final List<Inconclusive> gaps;

    private InitDump(Map<String, List<String>> waiting, List<Inconclusive> gaps) {
        this.waiting = Collections.unmodifiableMap(waiting);
        this.gaps = List.copyOf(gaps);
    }

    /**
     * Reads the page, for example from a file. The stream stays open.
     *
     * @throws MeshProtocolException if it is something else
     * @throws IOException if the stream cannot be read
     */
    public static InitDump parse(InputStream in) throws IOException {
        AdminPage page = AdminPage.json(in, PATH, List.of("unready_targets_dumps"), true);
        Map<String, List<String>> waiting = new LinkedHashMap<>();
        for (Json dump : page.json().at("unready_targets_dumps").items()) {
            List<String> targets = dump.at("target_names").texts();
            if (!targets.isEmpty()) {
                waiting.computeIfAbsent(dump.at("name").text(""), name -> new ArrayList<>())
                        .addAll(targets);
            }
        }
        waiting.replaceAll((name, targets) -> List.copyOf(targets));
        Inconclusive problem = page.problem();
        return new InitDump(waiting, problem == null ? List.of() : List.of(problem));
    }

    /**
     * For each that waits ({@code init manager Server}, {@code init manager Listener-local-init-manager NAME …}) what it waits
     * for, in Envoy's words: {@code target LDS}, {@code target SdsApi default}, {@code target RdsRouteConfigSubscription …}.
     */
    public Map<String, List<String>> waiting() {
        return waiting;
    }

    /** Whether nothing is waited for. */
    public boolean isComplete() {
        return waiting.isEmpty() && gaps.isEmpty();
    }

    /** What could not be read: the page was cut off. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** One map a row: {@code name}, {@code waitsFor}. */
    public List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        waiting.forEach(
                (name, targets) -> targets.forEach(target -> rows.add(Row.of("name", name, "waitsFor", target))));
        return List.copyOf(rows);
    }

    /** What waits, and for what. */
    @Override
    public String toString() {
        if (waiting.isEmpty()) {
            return gaps.isEmpty() ? "waits for nothing" : gaps.get(0).message();
        }
        TextTable table = new TextTable("NAME", "WAITS FOR");
        waiting.forEach((name, targets) -> targets.forEach(target -> table.row(name, target)));
        return table.summary("", "targets");
    }
}
