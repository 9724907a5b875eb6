package dev.meshdx.envoy.admin;

import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.envoy.internal.ProtoValues;
import dev.meshdx.envoy.internal.Row;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which Envoy runs, since when, in which state, and with which options, from the page {@code /server_info}. Immutable; safe for
 * use by several threads.
 *
 * <p>Source: Envoy, {@code admin/v3/server_info.proto}.
 */
public final class ServerInfo {
    private static final String PATH = "/server_info";

    private final Json raw;
    private final List<Inconclusive> gaps;

    private ServerInfo(Json raw, List<Inconclusive> gaps) {
        this.raw = raw;
        this.gaps = List.copyOf(gaps);
    }

    /**
     * Reads the page, for example from a file. The stream stays open.
     *
     * @throws MeshProtocolException if it is something else
     * @throws IOException if the stream cannot be read
     */
    public static ServerInfo parse(InputStream in) throws IOException {
        AdminPage page =
                AdminPage.json(in, PATH, List.of("version", "command_line_options", "uptime_all_epochs"), false);
        Inconclusive problem = page.problem();
        return new ServerInfo(page.json(), problem == null ? List.of() : List.of(problem));
    }

    /** All of the version: {@code COMMIT/1.40.0/Clean/RELEASE/BoringSSL}. */
    public String version() {
        return raw.at("version").text("");
    }

    private String versionPart(int index) {
        String[] parts = version().split("/", -1);
        return parts.length > index ? parts[index] : "";
    }

    /** The commit that it was built from. */
    public String commit() {
        return versionPart(0);
    }

    /** Envoy's version: {@code 1.40.0}, {@code 1.38.0-dev}. */
    public String envoyVersion() {
        return versionPart(1);
    }

    /** Whether it was built from an unchanged source: {@code Clean} or {@code Modified}. */
    public String sourceState() {
        return versionPart(2);
    }

    /** How it was built: {@code RELEASE} or {@code DEBUG}. */
    public String buildType() {
        return versionPart(3);
    }

    /** The TLS library: {@code BoringSSL}, {@code BoringSSL-FIPS}, {@code OpenSSL}. */
    public String tlsLibrary() {
        return versionPart(4);
    }

    /**
     * {@code LIVE}, {@code DRAINING}, {@code PRE_INITIALIZING} or {@code INITIALIZING}; {@code LIVE} where it does not say, because
     * that is the enum's first value.
     */
    public String state() {
        return raw.at("state").text("LIVE");
    }

    /** Whether it takes traffic. */
    public boolean isLive() {
        return state().equals("LIVE");
    }

    /** How long the process has run; zero where it does not say. */
    public Duration uptime() {
        return ProtoValues.duration(raw.at("uptime_current_epoch")).orElse(Duration.ZERO);
    }

    /** How long it has run across hot restarts; zero where it does not say. */
    public Duration uptimeOfAllEpochs() {
        return ProtoValues.duration(raw.at("uptime_all_epochs")).orElse(Duration.ZERO);
    }

    /** The version of the shared memory, {@code 11.104}; {@code disabled} in Istio's proxies. */
    public String hotRestartVersion() {
        return raw.at("hot_restart_version").text("");
    }

    private Json options() {
        return raw.at("command_line_options");
    }

    /** How many threads serve connections; 0 where it does not say, which means one for each of the machine's CPUs. */
    public int concurrency() {
        return (int) Math.max(
                0, Math.min(Integer.MAX_VALUE, options().at("concurrency").number(0)));
    }

    /** The level of the log that it was started with; {@link LogLevels} has the one in force. */
    public String logLevel() {
        return options().at("log_level").text("");
    }

    /** Levels of single components that it was started with: {@code misc:error}. */
    public String componentLogLevel() {
        return options().at("component_log_level").text("");
    }

    /** How long it drains connections when a listener changes or it shuts down; Envoy's ten minutes where it does not say. */
    public Duration drainTime() {
        return ProtoValues.duration(options().at("drain_time")).orElse(Duration.ofMinutes(10));
    }

    /** {@code Gradual} or {@code Immediate}. */
    public String drainStrategy() {
        return options().at("drain_strategy").text("Gradual");
    }

    /** How many times it was restarted hot. */
    public long restartEpoch() {
        return options().at("restart_epoch").number(0);
    }

    /** Any other option, by its name in {@code CommandLineOptions}: {@code config_path}. */
    public Json option(String name) {
        return options().at(name);
    }

    /** Who the proxy is; empty where the page has no node, as that of Envoys before 1.17. */
    public Optional<ProxyNode> node() {
        return raw.at("node").isObject() ? Optional.of(new ProxyNode(raw.at("node"))) : Optional.empty();
    }

    /** What could not be read: the page was cut off. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** The whole page as Envoy prints it. */
    public Json raw() {
        return raw;
    }

    /** One map a row: {@code name}, {@code value}. */
    public List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        add(rows, "version", envoyVersion());
        add(rows, "commit", commit());
        add(rows, "build", String.join("/", sourceState(), buildType(), tlsLibrary()));
        add(rows, "state", state());
        add(rows, "uptime", uptime().toSeconds() + "s");
        add(rows, "uptimeOfAllEpochs", uptimeOfAllEpochs().toSeconds() + "s");
        add(rows, "hotRestartVersion", hotRestartVersion());
        add(rows, "concurrency", String.valueOf(concurrency()));
        add(rows, "logLevel", logLevel());
        add(rows, "componentLogLevel", componentLogLevel());
        add(rows, "drainTime", drainTime().toSeconds() + "s");
        add(rows, "drainStrategy", drainStrategy());
        node().ifPresent(node -> {
            add(rows, "node", node.id());
            add(rows, "istioVersion", node.istioVersion());
        });
        return List.copyOf(rows);
    }

    private static void add(List<Map<String, String>> rows, String name, String value) {
        rows.add(Row.of("name", name, "value", value));
    }

    /** One line. */
    @Override
    public String toString() {
        return "Envoy " + envoyVersion() + " " + state() + " for " + text(uptime()) + ", " + concurrency() + " threads"
                + node().map(node -> ", Istio " + node.istioVersion()).orElse("")
                + (gaps.isEmpty() ? "" : " (incomplete)");
    }

    private static String text(Duration time) {
        return time.toDays() > 0
                ? time.toDays() + "d" + time.toHoursPart() + "h"
                : time.toHours() > 0
                        ? time.toHours() + "h" + time.toMinutesPart() + "m"
                        : time.toMinutes() > 0
                                ? time.toMinutes() + "m" + time.toSecondsPart() + "s"
                                : time.toSeconds() + "s";
    }
}
