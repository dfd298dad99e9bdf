using Catalog.Access;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Schemas;
using FluentValidation;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>Makes a dataset's next version from files: hashed now, or (observed) only referred to and sealed later.</summary>
public static class CommitVersion
{
    /// <param name="Files">Single files: managed objects by hash, or files registered in place by URI.</param>
    /// <param name="Folders">Folders registered in place, expanded by a glob.</param>
    /// <param name="Remove">Logical paths to leave out, when appending.</param>
    /// <param name="Mode">Whether the files are the whole version or come on top of the parent's.</param>
    /// <param name="ExpectedParent">
    /// The version that this one follows; 0 for the first. Refused with <c>version.parent_conflict</c> when it is not the latest.
    /// </param>
    /// <param name="IdempotencyKey">
    /// The same key again, on the same dataset, answers with the version that was made, or found to be there already, the first time.
    /// </param>
    /// <param name="Run">The run that made the files.</param>
    /// <param name="Message">Why.</param>
    /// <param name="Format">
    /// <c>parquet</c> when every file of the version is claimed to be Parquet. Without it, files named <c>*.parquet</c> are read as such;
    /// they are a table when the version has no others, or when they are added to one that was claimed to be Parquet.
    /// </param>
    /// <param name="Observed">Refer to the files without reading them; seal the version later.</param>
    public sealed record Body(
        IReadOnlyList<FileSource>? Files = null,
        IReadOnlyList<FolderSource>? Folders = null,
        IReadOnlyList<string>? Remove = null,
        CommitMode Mode = CommitMode.Replace,
        long? ExpectedParent = null,
        string? IdempotencyKey = null,
        Guid? Run = null,
        string? Message = null,
        string? Format = null,
        bool Observed = false);

    public sealed record Command(string Namespace, string Name, Body Version, IProgress<IntakeProgress>? Progress)
        : IRequest<Outcome<CommitReceipt>>;

    /// <summary>What a commit leaves its caller with, beside the receipt.</summary>
    public sealed record CommitReceipt(
        NodeId Node, bool Changed, long Position, long? Version, long StreamVersion, string? ContentHash, SchemaChange? SchemaChange)
        : Receipt(Node, Changed, Position, Version, StreamVersion);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Version).SetValidator(new BodyValidator()).OverridePropertyName("");
    }

    internal sealed class BodyValidator : AbstractValidator<Body>
    {
        public BodyValidator()
        {
            // A body without files is a misspelt or forgotten field; that it would empty the dataset is nobody's intention.
            RuleFor(b => b.Files).Must((b, _) => b is not ({ Files: null or [] } and { Folders: null or [] } and { Remove: null or [] }))
                .WithMessage(
                    "or 'folders' must name something, or 'remove' when appending: a version without files is not " +
                    "made by leaving them out.");
            RuleForEach(b => b.Files).NotNull().SetValidator(new FileSource.Validator());
            RuleForEach(b => b.Folders).NotNull().SetValidator(new FolderSource.Validator());
            RuleForEach(b => b.Remove).IsLogicalPath();
            RuleFor(b => b.Remove).Empty().When(b => b.Mode == CommitMode.Replace)
                .WithMessage("goes with mode 'append': a replacing version has only the files given.");
            RuleFor(b => b.ExpectedParent).GreaterThanOrEqualTo(0).WithMessage("must be a version number, or 0 for the first version.");
            RuleFor(b => b.IdempotencyKey).IsIdempotencyKey();
            RuleFor(b => b.Message).IsText(Limits.Message);
            RuleFor(b => b.Format).Must(f => f is null or Content.Parquet)
                .WithMessage("must be 'parquet', or left out for files of any kind.");
        }
    }

    /// <summary>
    /// Pure: the content was read and hashed before. <paramref name="run"/> is null when no run is named or there is no such run.
    /// </summary>
    internal static Decision Decide(Dataset? state, Run? run, NodeId dataset, Body c, Content content, string? digest)
    {
        if (!DatasetRules.Writable(state, dataset, out var no))
            return no;
        if (RunRules.NotRunning(run, c.Run, out var notRunning))
            return notRunning;

        var parent = state.Latest;
        var same = state.LatestContent is not null && state.LatestContent == content.ContentHash
            && state.LatestRecipe == content.RecipeHash;
        if (same && (c.ExpectedParent is null || c.ExpectedParent == parent || c.ExpectedParent == parent - 1))
            return Repeated(run, dataset.WithVersion(parent), parent, c.IdempotencyKey, digest);
        if (c.ExpectedParent is { } expected && expected != parent)
            return Decision.Refuse(
                "version.parent_conflict", $"'{dataset}' is at version {parent}, not {expected}: read it again and decide anew.");
        if (content.PreparedOn is { } base_ && base_ != parent)
            return Decision.Refuse(
                "catalog.busy", $"'{dataset}' moved to version {parent} while files were added to version {base_}; try again shortly.");

        var change = SchemaComparison.Compare(state.Schema, content.Schema);
        if (state.Compatibility == Compatibility.Backward && change.Level == SchemaChangeLevel.Major)
            return Decision.Refuse(
                "schema.breaking", $"'{dataset}' promises backward compatibility; this version would break it: {Describe(change)}.");

        long? before = parent == 0 ? null : parent;
        var committed = new VersionCommitted(
            parent + 1, before, content.ContentHash, ManifestHash.Compute(content.RootOn(before, c.Run, c.Message)),
            content.Files, content.Bytes, content.Rows, content.Format, content.Schema, change,
            c.Run, c.Message, c.IdempotencyKey, digest);
        return run is null
            ? Decision.Accept(committed)
            : Decision.Accept(committed, new RunOutputRecorded(dataset.WithVersion(committed.Number)));
    }

    /// <summary>
    /// The version is there already. That its key stands for it, and that this run made it again, are facts all the same.
    /// </summary>
    private static Decision Repeated(Run? run, NodeId version, long number, string? key, string? digest)
    {
        var facts = new List<object>(2);
        if (key is not null && digest is not null)
            facts.Add(new CommitRepeated(number, key, digest));
        if (run is not null && !run.Outputs.Contains(version))
            facts.Add(new RunOutputRecorded(version));
        return facts.Count == 0 ? Decision.Unchanged : Decision.Accept([.. facts]);
    }

    internal static string Describe(SchemaChange change) => string.Join(", ", change.Changes
        .Where(c => c.Level == SchemaChangeLevel.Major)
        .Take(5)
        .Select(c => $"column '{c.Column}' {c.Kind.ToLowerInvariant()}"));

    internal sealed class Handler(
        WritePath writes, Gate gate, IQuerySession pages, States states, Intake intake, UploadedObjects uploaded, AppendTurns turns)
        : IRequestHandler<Command, Outcome<CommitReceipt>>
    {
        private const int MaxMoves = 50;

        public async Task<Outcome<CommitReceipt>> Handle(Command c, CancellationToken ct)
        {
            var dataset = NodeId.Dataset(c.Namespace, c.Name);
            var maker = c.Version.Run is { } id ? NodeId.Run(id) : (NodeId?)null;
            if ((gate.Ask(Act.Commit, dataset).Refusal ?? (maker is null ? null : gate.Ask(Act.Run, maker).Refusal)) is { } no)
                return no;

            var digest = RequestDigest.Of(c.Version.IdempotencyKey, c.Version);
            if (await pages.FindCommitAsync(states, dataset, c.Version.IdempotencyKey, digest, ct) is { } earlier)
                return earlier;

            // What a decision would refuse anyway is not worth hashing files for.
            if (!DatasetRules.Writable(await states.PeekAsync<Dataset>(dataset.StreamId, ct), dataset, out var refusal))
                return Problem.Refused(refusal);

            if (await uploaded.WhyNotAsync(dataset, c.Version.Files, ct) is { } notTheirs)
                return notTheirs;
            var read = await intake.ReadAsync(c.Version.Files, c.Version.Folders, c.Version.Format, c.Progress, ct);
            if (!read.Succeeded)
                return read.Problem;
            if (c.Version.Mode == CommitMode.Append)
                return await AppendAsync(c.Version, dataset, read.Value, digest, ct);

            var content = Intake.Whole(read.Value);
            return content.Succeeded ? await CommitAsync(c.Version, dataset, content.Value, digest, ct) : content.Problem;
        }

        /// <summary>Others may commit while we add to what was the latest version: then we add to theirs.</summary>
        private async Task<Outcome<CommitReceipt>> AppendAsync(
            Body body, NodeId dataset, ReadFiles read, string? digest, CancellationToken ct)
        {
            using var turn = await turns.TakeAsync(dataset.StreamId, ct);
            for (var moves = 0; ; moves++)
            {
                var content = await AssembleAsync(body, dataset, read, ct);
                if (!content.Succeeded)
                    return content.Problem;

                var outcome = await CommitAsync(body, dataset, content.Value, digest, ct);
                if (outcome.Problem?.Code != "catalog.busy" || moves == MaxMoves)
                    return outcome;
            }
        }

        private async Task<Outcome<Content>> AssembleAsync(Body body, NodeId dataset, ReadFiles read, CancellationToken ct)
        {
            var state = await states.LoadAsync<Dataset>(dataset.StreamId, ct);
            var parent = state is null or { Latest: 0 }
                ? null
                : await pages.LoadAsync<VersionPage>(VersionPages.Id(state.Id, state.Latest), ct);
            return parent switch
            {
                null when body.Remove is [var gone, ..] =>
                    Problem.Field("file.not_in_version", "remove", $"'{dataset}' has no version yet, and no file '{gone}'."),
                null => Intake.Whole(read, preparedOn: 0),
                { ManifestHash: { } manifest } => await intake.AppendAsync(manifest, parent.Number, read, body.Remove ?? [], ct),
                _ => Problem.Of("version.not_sealed", $"'{parent.Id}' is only observed: seal it before adding files to it."),
            };
        }

        private async Task<Outcome<CommitReceipt>> CommitAsync(
            Body body, NodeId dataset, Content content, string? digest, CancellationToken ct)
        {
            void Beside(SideRows rows, IReadOnlyList<object> facts)
            {
                if (facts.OfType<VersionCommitted>().FirstOrDefault() is { } made)
                    ManifestStore.Store(rows, content, content.RootOn(made.Parent, made.Run, made.Message));
            }

            try
            {
                var written = body.Run is { } run
                    ? await writes.DecideAsync<Dataset, Run>(
                        dataset.StreamId, Run.StreamId(run), (d, r) => Decide(d, r, dataset, body, content, digest), ct, Beside)
                    : await writes.DecideAsync<Dataset>(
                        dataset.StreamId, d => Decide(d, run: null, dataset, body, content, digest), ct, beside: Beside);
                return written.Decision is Decision.Refused refused
                    ? await ResolveConflictAsync(refused, body, dataset, content, ct)
                    : ToReceipt(written, dataset);
            }
            catch (Exception e) when (CommitKeys.IsRepeated(e))
            {
                return await pages.FindCommitAsync(states, dataset, body.IdempotencyKey, digest, ct)
                    ?? throw new InvalidOperationException($"The idempotency key was taken on {dataset}, and its version is not there.", e);
            }
        }

        /// <summary>A commit on an older parent that has the very content asked for is the same commit again.</summary>
        private async Task<Outcome<CommitReceipt>> ResolveConflictAsync(
            Decision.Refused refused, Body body, NodeId dataset, Content content, CancellationToken ct)
        {
            if (refused.Code != "version.parent_conflict" || body.ExpectedParent is not { } parent)
                return Problem.Refused(refused);
            var next = await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.StreamId, parent + 1), ct);
            return next is not null && next.ContentHash == content.ContentHash
                ? await next.ToReceiptAsync(states, ct)
                : Problem.Refused(refused);
        }

        private static CommitReceipt ToReceipt(Written written, NodeId dataset)
        {
            var state = written.State as Dataset ?? throw new InvalidOperationException("A decision that is not refused leaves a state.");
            var made = (written.Decision as Decision.Accepted)?.Facts.OfType<VersionCommitted>().FirstOrDefault();
            var number = made?.Number ?? state.Latest;
            return new CommitReceipt(
                dataset.WithVersion(number), made is not null, written.Position, number, written.StreamVersion,
                made?.ContentHash ?? state.LatestContent, made?.SchemaChange);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/datasets/{ns}/{name}/versions",
                (Segment ns, Segment name, Body body, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<IntakeProgress, CommitReceipt>(
                        http,
                        (progress, token) => body.Observed
                            ? mediator.Send(new ObserveVersion.Command(ns, name, body), token)
                            : mediator.Send(new Command(ns, name, body, progress), token),
                        created: true,
                        ct))
            .Answers<CommitReceipt>("CommitVersion", "Make a dataset's next version", created: true, also: ProblemKind.Unprocessable);
}
