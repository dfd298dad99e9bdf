using Catalog.Access;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Writes;
using FluentValidation;
using Marten;
using MediatR;

namespace Catalog.Datasets;

/// <summary>
/// Records a version that was only heard of: what it refers to, without reading it. <see cref="SealVersion"/> reads and hashes it later.
/// </summary>
public static class ObserveVersion
{
    public sealed record Command(string Namespace, string Name, CommitVersion.Body Version)
        : IRequest<Outcome<CommitVersion.CommitReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Version).SetValidator(new CommitVersion.BodyValidator()).OverridePropertyName("");
            RuleFor(c => c.Version.Mode).Equal(CommitMode.Replace)
                .WithMessage("must be 'replace' for an observed version: what has not been read cannot be added to what has.")
                .OverridePropertyName("mode");
            RuleForEach(c => c.Version.Files).Must(f => f is null or { Uri: not null })
                .WithMessage("needs a 'uri' in an observed version.").OverridePropertyName("files");
        }
    }

    internal static Decision Decide(
        Dataset? state, Run? run, NodeId dataset, CommitVersion.Body c, IReadOnlyList<ObservedSource> sources, string? digest)
    {
        if (!DatasetRules.Writable(state, dataset, out var no))
            return no;
        if (RunRules.NotRunning(run, c.Run, out var notRunning))
            return notRunning;
        if (c.ExpectedParent is { } expected && expected != state.Latest)
            return Decision.Refuse(
                "version.parent_conflict", $"'{dataset}' is at version {state.Latest}, not {expected}: read it again and decide anew.");

        var observed = new VersionObserved(
            state.Latest + 1, state.Latest == 0 ? null : state.Latest, sources, c.Format, c.Run, c.Message, c.IdempotencyKey, digest);
        return run is null
            ? Decision.Accept(observed)
            : Decision.Accept(observed, new RunOutputRecorded(dataset.WithVersion(observed.Number)));
    }

    internal sealed class Handler(WritePath writes, Gate gate, IQuerySession pages, States states, Intake intake)
        : IRequestHandler<Command, Outcome<CommitVersion.CommitReceipt>>
    {
        public async Task<Outcome<CommitVersion.CommitReceipt>> Handle(Command c, CancellationToken ct)
        {
            var dataset = NodeId.Dataset(c.Namespace, c.Name);
            var maker = c.Version.Run is { } id ? NodeId.Run(id) : (NodeId?)null;
            if ((gate.Ask(Act.Commit, dataset).Refusal ?? (maker is null ? null : gate.Ask(Act.Run, maker).Refusal)) is { } no)
                return no;

            var digest = RequestDigest.Of(c.Version.IdempotencyKey, c.Version);
            if (await pages.FindCommitAsync(states, dataset, c.Version.IdempotencyKey, digest, ct) is { } earlier)
                return earlier;

            var sources = intake.Refer(c.Version.Files, c.Version.Folders);
            if (!sources.Succeeded)
                return sources.Problem;

            try
            {
                var written = c.Version.Run is { } run
                    ? await writes.DecideAsync<Dataset, Run>(
                        dataset.StreamId, Run.StreamId(run), (d, r) => Decide(d, r, dataset, c.Version, sources.Value, digest), ct)
                    : await writes.DecideAsync<Dataset>(
                        dataset.StreamId, d => Decide(d, run: null, dataset, c.Version, sources.Value, digest), ct);
                return written.Decision switch
                {
                    Decision.Refused refused => Problem.Refused(refused),
                    Decision.Accepted accepted when accepted.Facts.OfType<VersionObserved>().FirstOrDefault() is { } made =>
                        new CommitVersion.CommitReceipt(
                            dataset.WithVersion(made.Number), Changed: true, written.Position, made.Number, written.StreamVersion,
                            ContentHash: null, SchemaChange: null),
                    var other => throw new InvalidOperationException($"Observing a version decided {other}."),
                };
            }
            catch (Exception e) when (CommitKeys.IsRepeated(e))
            {
                return await pages.FindCommitAsync(states, dataset, c.Version.IdempotencyKey, digest, ct)
                    ?? throw new InvalidOperationException($"The idempotency key was taken on {dataset}, and its version is not there.", e);
            }
        }
    }
}
