using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>
/// The verbs of <c>catalog dataset</c> that are about its versions: <c>commit</c>, <c>versions</c>, <c>files</c>, <c>seal</c>, …
/// </summary>
internal static class DatasetVersionVerbs
{
    public static IEnumerable<Command> All() =>
    [
        Commit(),
        Versions(),
        VersionVerbs.Files(NodeArgument.Dataset(versioned: true), Read),
        VersionVerbs.Urls(NodeArgument.Dataset(versioned: true), Read),
        VersionVerbs.Download(NodeArgument.Dataset(versioned: true), Read),
        ReadVerb.Create(Read),
        Seal(),
        VersionVerbs.Verify(
            NodeArgument.Dataset(versioned: true), (c, name, version, p, ct) => c.Datasets.VerifyAsync(name, version, p, ct)),
        VersionVerbs.Alias(NodeArgument.Dataset(), (c, name, alias, version, ct) => c.Datasets.SetAliasAsync(name, alias, version, ct)),
        VersionVerbs.Unalias(NodeArgument.Dataset(), (c, name, alias, ct) => c.Datasets.RemoveAliasAsync(name, alias, ct)),
        VersionVerbs.Retire(NodeArgument.Dataset(), (c, name, reason, ct) => c.Datasets.RetireAsync(name, reason, ct)),
    ];

    public static void Show(Screen screen, DatasetVersion v) => screen.Show(
        v,
        ("version", v.Node.ToString()),
        ("state", v.State.ToString().ToLowerInvariant()),
        ("parent", v.Parent?.ToString()),
        ("files", screen.Count(v.Files)),
        ("size", screen.Bytes(v.Bytes)),
        ("rows", screen.Count(v.Rows)),
        ("format", v.Format),
        ("content hash", v.ContentHash),
        ("manifest hash", v.ManifestHash),
        ("run", v.Run is { } run ? NodeId.Run(run).ToString() : null),
        ("message", v.Message),
        ("schema change", SchemaText.Changes(v.SchemaChange) ?? (v.Parent is > 0 && v.SchemaChange is not null ? "none" : null)),
        ("columns", SchemaText.List(v.Schema, v.Statistics)),
        ("refers to", string.Join('\n', v.Sources.Select(s => s.Uri + (s.Glob is null ? "" : $"/{s.Glob}")))),
        ("verified", Plain.Verified(v.LastVerified)),
        ("committed", $"{Plain.Time(v.CommittedAt)} by {v.CommittedBy}"));

    private static Task<VersionReader> Read(CatalogClient catalog, QualifiedName name, VersionRef version, CancellationToken ct) =>
        catalog.Datasets.ReadAsync(name, version, ct);

    private static Command Commit()
    {
        var dataset = NodeArgument.Dataset();
        var paths = new Argument<string[]>("path") { Description = "Files and folders", Arity = ArgumentArity.ZeroOrMore };
        var inPlace = new Option<bool>("--in-place")
        {
            Description = "Register the files where they are, for the server to read; else they are uploaded. "
                + "A folder that is not seen from here ends in /, or comes with --glob",
        };
        var observed = new Option<bool>("--observed") { Description = "Only refer to the files, in place; seal the version later" };
        var append = new Option<bool>("--append") { Description = "Add to the latest version instead of replacing it" };
        var glob = new Option<string?>("--glob") { Description = "Which files of a folder, with --in-place or --observed: **/*.png" };
        var prefix = new Option<string?>("--prefix") { Description = "Put before the files' logical paths" };
        var remove = new Option<string[]>("--remove")
        {
            Description = "Logical path to leave out, with --append; may be given several times",
            HelpName = "path",
        };
        var parent = new Option<int?>("--expected-parent")
        {
            Description = "Refuse when this is not the latest version (0: there is none)",
            HelpName = "version",
        }.AtLeast(0);
        var message = new Option<string?>("--message", "-m") { Description = "Why" };
        var format = new Option<string?>("--format") { Description = "parquet: every file is claimed to be Parquet" };
        var run = new Option<string?>("--run") { Description = "Id of the run that made the files" };
        var key = new Option<string?>("--idempotency-key") { Description = "Commits with the same key make one version", HelpName = "key" };
        var command = new Command("commit", "Makes the next version of a dataset from files")
        {
            paths, inPlace, observed, append, glob, prefix, remove, parent, message, format, run, key,
        };
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var there = call.Value(inPlace) || call.Value(observed);
            if (call.Value(glob) is not null && !there)
                throw new UsageException("--glob goes with --in-place or --observed.");
            if (call.Value(remove) is { Length: > 0 } && !call.Value(append))
                throw new UsageException("--remove goes with --append.");
            if (call.Value(paths) is not { Length: > 0 } && call.Value(remove) is not { Length: > 0 })
                throw new UsageException("Name the files or folders to commit.");

            var sources = there
                ? InPlaceSources.Of(call.Value(paths) ?? [], call.Value(glob), call.Value(prefix), call.Catalog.Address.IsLoopback)
                : Uploads(call.Value(paths) ?? [], call.Value(prefix));
            var version = new NewVersion
            {
                Sources = sources,
                Remove = call.Value(remove) ?? [],
                Mode = call.Value(append) ? CommitMode.Append : CommitMode.Replace,
                ExpectedParent = call.Value(parent),
                Message = call.Value(message),
                Format = call.Value(format),
                Observed = call.Value(observed),
                Run = call.Value(run) is { } id ? RunCommand.ReadId(id) : null,
                IdempotencyKey = call.Value(key),
            };
            var receipt = await call.WatchAsync(p => call.Catalog.Datasets.CommitAsync(call.Name(dataset), version, p, ct));
            call.Screen.Receipt(receipt, "committed");
            if (!call.Screen.IsJson && receipt.Changed && SchemaText.Changes(receipt.SchemaChange) is { } change)
                call.Screen.Line($"schema {change}");
        });
    }

    private static List<VersionSource> Uploads(IEnumerable<string> paths, string? prefix)
    {
        var start = string.IsNullOrEmpty(prefix) ? "" : prefix.TrimEnd('/') + '/';
        return
        [
            .. paths.Select(path => (Directory.Exists(path), File.Exists(path)) switch
            {
                (true, _) => new VersionSource.Upload(path, prefix),
                (_, true) => new VersionSource.Upload(path, start + Path.GetFileName(path)),
                _ => throw new CatalogException(null, "client.file_not_found", $"There is no file or folder '{path}'."),
            }),
        ];
    }

    private static Command Versions()
    {
        var dataset = NodeArgument.Dataset();
        var limit = SharedOptions.Limit();
        var command = new Command("versions", "Lists the versions of a dataset") { limit };
        dataset.AddTo(command);
        return command.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Datasets.VersionsAsync(call.Name(dataset), DatasetCommand.PageSize(call.Value(limit)), ct),
            call.Value(limit),
            ct,
            new("VERSION", v => v.Node.ToString()),
            new("STATE", v => v.State.ToString().ToLowerInvariant()),
            new("FILES", v => call.Screen.Count(v.Files), Right: true),
            new("SIZE", v => call.Screen.Bytes(v.Bytes), Right: true),
            new("ROWS", v => call.Screen.Count(v.Rows), Right: true),
            new("SCHEMA", v => v.SchemaChange?.Level.ToString().ToLowerInvariant()),
            new("COMMITTED", v => Plain.Time(v.CommittedAt)),
            new("BY", v => v.CommittedBy),
            new("MESSAGE", v => v.Message)));
    }

    private static Command Seal()
    {
        var dataset = NodeArgument.Dataset(versioned: true);
        var command = new Command("seal", "Reads and hashes the files of a version that was only observed");
        dataset.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var receipt = await call.WatchAsync(p => call.Catalog.Datasets.SealAsync(call.Name(dataset), call.Version(dataset), p, ct));
            call.Screen.Receipt(receipt, "sealed");
        });
    }
}
