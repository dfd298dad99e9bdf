using Catalog.Access;
using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Models;

/// <summary>Makes a model's next version from the artifact files of a run.</summary>
public static class CreateModelVersion
{
    /// <param name="Run">The run that trained it; it must be running.</param>
    /// <param name="Files">Artifacts: uploaded objects by hash, or files registered in place by URI.</param>
    /// <param name="IdempotencyKey">
    /// The same key again, on the same model, answers with the version that was made, or found to be there already, the first time.
    /// </param>
    /// <param name="Message">Why.</param>
    public sealed record Body(Guid Run, IReadOnlyList<FileSource> Files, string? IdempotencyKey = null, string? Message = null);

    public sealed record Command(string Namespace, string Name, Body Version, IProgress<IntakeProgress>? Progress)
        : IRequest<Outcome<VersionReceipt>>;

    public sealed record VersionReceipt(NodeId Node, bool Changed, long Position, long? Version, long StreamVersion, string? ContentHash)
        : Receipt(Node, Changed, Position, Version, StreamVersion);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Version.Files).NotEmpty().WithMessage("must hold at least one artifact.").OverridePropertyName("files");
            RuleForEach(c => c.Version.Files).NotNull().SetValidator(new FileSource.Validator()).OverridePropertyName("files");
            RuleFor(c => c.Version.IdempotencyKey).IsIdempotencyKey().OverridePropertyName("idempotencyKey");
            RuleFor(c => c.Version.Message).IsText(Limits.Message).OverridePropertyName("message");
        }
    }

    /// <summary>Pure: the artifacts were read and hashed before.</summary>
    internal static Decision Decide(Model? state, Run? run, NodeId model, Body c, Content content, string? digest)
    {
        if (!ModelRules.Writable(state, model, out var no))
            return no;
        if (state.LatestContent == content.ContentHash && state.LatestRun == c.Run)
            return Repeated(state.Latest, c.IdempotencyKey, digest);
        if (RunRules.NotRunning(run, c.Run, out var notRunning))
            return notRunning;

        var number = state.Latest + 1;
        return Decision.Accept(
            new ModelVersionCreated(
                number, c.Run, content.ContentHash, ManifestHash.Compute(content.RootOn(Parent(number), c.Run, c.Message)),
                content.Files, content.Bytes, c.Message, c.IdempotencyKey, digest),
            new RunOutputRecorded(model.WithVersion(number)));
    }

    /// <summary>The version is there already; that its key stands for it is a fact all the same.</summary>
    private static Decision Repeated(long number, string? key, string? digest) =>
        key is not null && digest is not null ? Decision.Accept(new ModelCommitRepeated(number, key, digest)) : Decision.Unchanged;

    private static long? Parent(long number) => number == 1 ? null : number - 1;

    internal sealed class Handler(WritePath writes, Gate gate, IQuerySession pages, States states, Intake intake)
        : IRequestHandler<Command, Outcome<VersionReceipt>>
    {
        public async Task<Outcome<VersionReceipt>> Handle(Command c, CancellationToken ct)
        {
            var model = NodeId.Model(c.Namespace, c.Name);
            if ((gate.Ask(Act.Commit, model).Refusal ?? gate.Ask(Act.Run, NodeId.Run(c.Version.Run)).Refusal) is { } no)
                return no;

            var digest = RequestDigest.Of(c.Version.IdempotencyKey, c.Version);
            if (await FindAsync(model, c.Version.IdempotencyKey, digest, ct) is { } earlier)
                return earlier;
            if (!ModelRules.Writable(await states.PeekAsync<Model>(model.StreamId, ct), model, out var refusal))
                return Problem.Refused(refusal);

            var read = await intake.ReadAsync(c.Version.Files, dirs: null, format: null, c.Progress, ct);
            if (!read.Succeeded)
                return read.Problem;
            var content = Intake.Artifacts(read.Value);
            return content.Succeeded ? await CommitAsync(model, c.Version, content.Value, digest, ct) : content.Problem;
        }

        private async Task<Outcome<VersionReceipt>> CommitAsync(
            NodeId model, Body body, Content content, string? digest, CancellationToken ct)
        {
            void Beside(SideRows rows, IReadOnlyList<object> facts)
            {
                if (facts.OfType<ModelVersionCreated>().FirstOrDefault() is { } made)
                    ManifestStore.Store(rows, content, content.RootOn(Parent(made.Number), made.Run, made.Message));
            }

            try
            {
                var written = await writes.DecideAsync<Model, Run>(
                    model.StreamId, Run.StreamId(body.Run), (m, r) => Decide(m, r, model, body, content, digest), ct, Beside);
                if (written.Decision is Decision.Refused refused)
                    return Problem.Refused(refused);

                var made = (written.Decision as Decision.Accepted)?.Facts.OfType<ModelVersionCreated>().FirstOrDefault();
                var number = made?.Number ?? (written.State as Model)?.Latest ?? 0;
                return new VersionReceipt(
                    model.WithVersion(number), made is not null, written.Position, number, written.StreamVersion, content.ContentHash);
            }
            catch (Exception e) when (CommitKeys.IsRepeated(e))
            {
                return await FindAsync(model, body.IdempotencyKey, digest, ct)
                    ?? throw new InvalidOperationException($"The idempotency key was taken on {model}, and its version is not there.", e);
            }
        }

        private async Task<Outcome<VersionReceipt>?> FindAsync(NodeId model, string? key, string? digest, CancellationToken ct)
        {
            if (key is null || await CommitKeys.FindAsync(pages, model.StreamId, key, ct) is not { } used)
                return null;
            if (used.RequestDigest != digest)
                return VersionReceipts.KeyReused(model.WithVersion(used.Number));
            var page = await pages.LoadAsync<ModelVersionPage>(ModelVersionPages.Id(model.StreamId, used.Number), ct)
                ?? throw new InvalidOperationException($"{model}@{used.Number} has no page.");
            var (version, position) = await states.FindEndAsync(model.StreamId, ct);
            return new VersionReceipt(NodeId.Parse(page.Id), Changed: false, position, page.Number, version, page.ContentHash);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/models/{ns}/{name}/versions",
                (Segment ns, Segment name, Body body, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<IntakeProgress, VersionReceipt>(
                        http, (progress, token) => mediator.Send(new Command(ns, name, body, progress), token), created: true, ct))
            .Answers<VersionReceipt>(
                "CreateModelVersion", "Make a model's next version from a run's artifacts", created: true, also: ProblemKind.Unprocessable);
}
