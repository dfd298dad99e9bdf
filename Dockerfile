# syntax=docker/dockerfile:1

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# First what decides which packages are needed, so that a change in the code alone does not restore them again.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Catalog.Core/Catalog.Core.csproj src/Catalog.Core/
COPY src/Catalog.Hot/Catalog.Hot.csproj src/Catalog.Hot/
COPY src/Catalog.Storage/Catalog.Storage.csproj src/Catalog.Storage/
COPY src/Catalog/Catalog.csproj src/Catalog/
COPY src/Catalog.Server/Catalog.Server.csproj src/Catalog.Server/
COPY src/Catalog.Sdk/Catalog.Sdk.csproj src/Catalog.Sdk/
COPY src/Catalog.Cli/Catalog.Cli.csproj src/Catalog.Cli/
RUN dotnet restore src/Catalog.Cli/Catalog.Cli.csproj

COPY src/ src/
RUN dotnet publish src/Catalog.Cli/Catalog.Cli.csproj --configuration Release --no-restore --output /app

# The command by its name, and the data folder, owned by the user that the base image brings.
RUN printf '#!/bin/sh\nexec dotnet /app/Catalog.Cli.dll "$@"\n' > /usr/local/bin/catalog && chmod 755 /usr/local/bin/catalog && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0
LABEL org.opencontainers.image.title="Catalog" \
      org.opencontainers.image.description="The system of record for an organisation's AI data" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY --from=build /usr/local/bin/catalog /usr/local/bin/catalog
COPY --from=build --chown=$APP_UID:$APP_UID /data /var/lib/catalog
COPY --from=build /app /app

# There is no PostgreSQL in this image: name one with ConnectionStrings__Catalog or --database.
ENV CATALOG_DATA=/var/lib/catalog \
    ASPNETCORE_HTTP_PORTS="" \
    DOTNET_EnableDiagnostics=0
USER $APP_UID
VOLUME /var/lib/catalog
EXPOSE 4870

# The image has no curl; bash can speak enough HTTP by itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/4870 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.. 200' <&3"]

ENTRYPOINT ["catalog"]
CMD ["serve", "--listen", "http://0.0.0.0:4870"]
