package dev.meshdx.testkit.internal.mesh;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/**
 * The mesh's own history, counted back from one moment.
 *
 * @param now the moment at which somebody looks at the mesh
 */
public record Times(Instant now) {
    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** Whole milliseconds. */
    public Times {
        now = now.truncatedTo(ChronoUnit.MILLIS);
    }

    /** When the cluster's objects were created. */
    public Instant created() {
        return now.minus(Duration.ofHours(6)).truncatedTo(ChronoUnit.SECONDS);
    }

    /** When istiod made its first push. */
    public Instant pushed() {
        return created().plusSeconds(20);
    }

    /** When the proxies started and got their certificates. */
    public Instant started() {
        return created().plusSeconds(25);
    }

    /** When connections to a dead istiod, or of a stale proxy, broke. */
    public Instant cutOff() {
        return now.minus(Duration.ofMinutes(10)).truncatedTo(ChronoUnit.SECONDS);
    }

    /** When the recent changes were applied. */
    public Instant changed() {
        return now.minus(Duration.ofMinutes(8)).truncatedTo(ChronoUnit.SECONDS);
    }

    /** When the scripted traffic begins. */
    public Instant traffic() {
        return now.minus(Duration.ofMinutes(5));
    }

    /** As Kubernetes writes it: whole seconds. */
    public static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** As Envoy writes it in dumps and access logs. */
    public static String millis(Instant instant) {
        return MILLIS.format(instant);
    }

    /** As Envoy, the agent and istiod write it in their logs. */
    public static String micros(Instant instant) {
        return MICROS.format(instant);
    }
}
