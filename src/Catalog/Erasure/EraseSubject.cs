using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Erasure;

/// <summary>
/// Erases the data of a subject: versions that hold it are succeeded by versions that do not, and their bytes are removed from every tier.
/// Asked for again after it was stopped, it goes on where it was.
/// </summary>
public static class EraseSubject
{
    /// <param name="Subject">As in <see cref="ErasureRequest"/>.</param>
    /// <param name="Reason">Why; nothing about persons.</param>
    /// <param name="Within">As in <see cref="ErasureRequest"/>.</param>
    public sealed record Body(IReadOnlyDictionary<string, string> Subject, string Reason, IReadOnlyList<string>? Within = null);

    public sealed record Command(ErasureRequest Wanted, string Reason, IProgress<ErasureProgress>? Progress)
        : IRequest<Outcome<ShowErasure.Answer>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Wanted).SetValidator(new ErasureRequest.Validator()).OverridePropertyName("");
            RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
        }
    }

    internal sealed class Handler(ErasureWork work, Gate gate) : IRequestHandler<Command, Outcome<ShowErasure.Answer>>
    {
        public async Task<Outcome<ShowErasure.Answer>> Handle(Command c, CancellationToken ct) =>
            gate.Ask(Act.Erase, resource: null).Refusal is { } no ? no : await work.EraseAsync(c.Wanted, c.Reason, c.Progress, ct);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/erasures",
                (Body body, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    Ndjson.RunAsync<ErasureProgress, ShowErasure.Answer>(
                        http,
                        (progress, token) => mediator.Send(
                            new Command(new(body.Subject, body.Within), body.Reason, progress), token),
                        created: true,
                        ct))
            .Answers<ShowErasure.Answer>(
                "EraseSubject", "Erase the data of a subject", created: true, also: [ProblemKind.Conflict, ProblemKind.Unavailable]);
}
