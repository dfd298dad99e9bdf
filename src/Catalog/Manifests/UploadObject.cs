using Catalog.Access;
using Catalog.Garbage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Objects;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Manifests;

/// <summary>
/// Takes bytes into the object store: streamed, hashed while they are written, never whole in memory. A version may name them afterwards.
/// </summary>
public static class UploadObject
{
    public sealed record Command(Stream Content, string? Sha256) : IRequest<Outcome<Answer>>;

    /// <param name="Sha256">Of the bytes, lower-case hex: what a commit names them by.</param>
    /// <param name="Bytes">Size.</param>
    /// <param name="Uri">Where they are now.</param>
    public sealed record Answer(string Sha256, long Bytes, string Uri);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() =>
            RuleFor(c => c.Sha256).Must(h => h is null || Integrity.Sha256.IsHash(h))
                .WithMessage("must be 64 lower-case hexadecimal digits.");
    }

    internal sealed class Handler(ContentStore objects, UnusedObjects unused, UploadedObjects uploaded, Gate gate)
        : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Upload, resource: null).Refusal is { } no)
                return no;
            var stored = await objects.StoreAsync(c.Content, c.Sha256, ct);

            // Bytes that nobody had used may have been there already, and have been freed just now.
            await unused.KeepAsync([stored.Sha256], ct);
            if (await objects.FindAsync(stored.Sha256, ct) is null)
                return Problem.Of("storage.unavailable", "The same bytes were just being removed as unused: send them again.");
            await uploaded.NoteAsync(stored.Sha256, ct);
            return new Answer(stored.Sha256, stored.Bytes, stored.Uri);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/objects",
                async (HttpContext http, string? sha256, IMediator mediator, CancellationToken ct) =>
                {
                    // Objects are as large as they are; the limit on bodies is for JSON.
                    http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = null;
                    return (await mediator.Send(new Command(http.Request.Body, sha256), ct)).ToHttp(created: true);
                })
            .Accepts<Stream>("application/octet-stream", "*/*")
            .Answers<Answer>("UploadObject", "Take bytes into the object store", created: true, also: ProblemKind.Unprocessable);
}
