package dev.meshdx.testkit.baddays;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.MeshOptions;
import dev.meshdx.diagnosis.Diagnosis;
import dev.meshdx.testing.Shared;
import dev.meshdx.testkit.FakeMesh;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A recording says the same over the wire, as a folder and as a zip file. */
@ExtendWith(NothingLeft.class)
class SourcesAgreeTest {
    @TempDir
    Path directory;

    private static Set<String> findings(Mesh mesh) {
        Diagnosis diagnosis = mesh.diagnose();
        return diagnosis.findings().stream()
                .map(finding -> finding.code() + " " + finding.subject())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void zip(Path folder, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> all = Files.walk(folder)) {
            zip.setLevel(Deflater.BEST_SPEED);
            List<Path> files = all.filter(Files::isRegularFile).sorted().toList();
            for (Path each : files) {
                zip.putNextEntry(new ZipEntry(folder.getFileName() + "/"
                        + folder.relativize(each).toString().replace('\\', '/')));
                Files.copy(each, zip);
                zip.closeEntry();
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> should_find_the_same_in_every_recording() throws IOException {
        Path all = Shared.folder("real/sidecar");
        List<Path> recordings;
        try (Stream<Path> children = Files.list(all)) {
            recordings = children.filter(Files::isDirectory).sorted().toList();
        }
        assertThat(recordings).isNotEmpty();
        return recordings.stream()
                .map(recording -> DynamicTest.dynamicTest(
                        String.valueOf(recording.getFileName()), () -> assertAgreement(recording)));
    }

    private void assertAgreement(Path recording) {
        MeshOptions options =
                MeshOptions.builder().podDeadline(Duration.ofSeconds(5)).build();
        Path zip = directory.resolve(recording.getFileName() + ".zip");
        try {
            zip(recording, zip);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Set<String> folder;
        try (Mesh mesh = Mesh.snapshot(recording, options)) {
            folder = findings(mesh);
        }
        try (Mesh mesh = Mesh.snapshot(zip, options)) {
            assertThat(findings(mesh)).as("zip").isEqualTo(folder);
        }
        try (FakeMesh fake = FakeMesh.fromRecording(recording);
                Mesh mesh = Mesh.connect(fake.options().toBuilder()
                        .judgedAt(fake.recordedAt().orElseThrow())
                        .deadline(Duration.ofMinutes(1))
                        .podDeadline(Duration.ofSeconds(5))
                        .build())) {
            assertThat(findings(mesh)).as("over the wire").isEqualTo(folder);
        }
    }
}
