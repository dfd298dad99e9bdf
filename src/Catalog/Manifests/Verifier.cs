using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Storage.Files;
using Catalog.Storage.Objects;

namespace Catalog.Manifests;

/// <summary>What hashing a version's files again showed.</summary>
internal sealed record Verified(bool Intact, long Files, long Bytes, IReadOnlyList<FileFinding> Findings);

/// <summary>Hashes the files of a manifest again: files in place in parallel, objects from their store.</summary>
internal sealed class Verifier(ManifestStore manifests, FileHasher hasher, ContentStore objects)
{
    private const int MaxFindings = 1_000;

    public async Task<Verified> CheckAsync(string manifest, IProgress<IntakeProgress>? progress, CancellationToken ct)
    {
        var root = await manifests.LoadRootAsync(manifest, ct);
        var inPlace = new List<FileEntry>();
        var managed = new List<FileEntry>();
        await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct))
            (ContentStore.TryParseUri(file.Uri, out _) ? managed : inPlace).Add(file);

        var files = inPlace.Count + managed.Count;
        var bytes = inPlace.Sum(f => f.Bytes) + managed.Sum(f => f.Bytes);
        var meter = progress is null ? null : new Meter(progress, files, bytes);
        var findings = await CheckInPlaceAsync(inPlace, meter, ct);
        findings.AddRange(await CheckManagedAsync(managed, meter, ct));
        return new Verified(findings.Count == 0, files, bytes, [.. findings.OrderBy(f => f.Path, LogicalPath.Order).Take(MaxFindings)]);
    }

    private async Task<List<FileFinding>> CheckInPlaceAsync(List<FileEntry> files, Meter? meter, CancellationToken ct)
    {
        var checks = await hasher.CheckAsync([.. files.Select(f => new FileToHash(f.Uri, f.Bytes, f.Sha256))], meter, ct);
        return
        [
            .. checks.Zip(files)
                .Where(c => c.First.Problem is not null)
                .Select(c => new FileFinding(c.Second.Path, c.First.Problem?.Code ?? "")),
        ];
    }

    private async Task<List<FileFinding>> CheckManagedAsync(List<FileEntry> files, Meter? meter, CancellationToken ct)
    {
        var findings = new List<FileFinding>();
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = ct };
        await Parallel.ForEachAsync(files, options, async (file, token) =>
        {
            if (await ProblemOfAsync(file, token) is { } problem)
            {
                lock (gate)
                    findings.Add(new FileFinding(file.Path, problem));
            }

            meter?.Done(file.Bytes);
        });
        return findings;
    }

    private async Task<string?> ProblemOfAsync(FileEntry file, CancellationToken ct)
    {
        try
        {
            return await objects.FindAsync(file.Sha256, ct) is { } size && size != file.Bytes ? FileException.Changed
                : await objects.VerifyAsync(file.Sha256, progress: null, ct) ? null
                : FileException.Changed;
        }
        catch (ObjectStoreException e)
        {
            return e.Error == ObjectStoreError.NotFound ? FileException.NotFound : FileException.Unreadable;
        }
    }

    /// <summary>Joins the progress of files in place and of objects into one.</summary>
    private sealed class Meter(IProgress<IntakeProgress> to, int totalFiles, long totalBytes) : IProgress<HashProgress>
    {
        private readonly Lock _gate = new();
        private int _managedFiles;
        private long _managedBytes;
        private HashProgress _inPlace = new(0, 0, 0, 0);

        public void Report(HashProgress value)
        {
            lock (_gate)
            {
                _inPlace = value;
                Tell();
            }
        }

        public void Done(long bytes)
        {
            lock (_gate)
            {
                _managedFiles++;
                _managedBytes += bytes;
                Tell();
            }
        }

        private void Tell() =>
            to.Report(new IntakeProgress(_inPlace.Files + _managedFiles, totalFiles, _inPlace.Bytes + _managedBytes, totalBytes));
    }
}
